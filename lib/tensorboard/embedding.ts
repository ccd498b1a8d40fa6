// The files of TensorBoard's projector: vectors, labels, pictures, and the list of them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ShapeError } from '../errors.js';
import { makeFolder } from '../folder.js';
import { optionsOf, wrongType } from '../functional/check.js';
import { float } from '../nn/layers/text.js';
import type { Tensor } from '../tensor.js';
import { stepOf, textOf } from './check.js';
import { gridOf, type Layout, layoutOf, pngOf, scaleOf } from './image.js';
import type { EmbeddingOptions } from './options.js';
import { type Snapshot, snapshot } from './snapshot.js';

/** Points of one embedding. */
export interface Embedding {
  tag: string;
  step: number;
  points: Snapshot;
  /** Rows of labels, the header first where there is one. */
  labels: readonly string[] | null;
  pictures: { snapshot: Snapshot; layout: Layout } | null;
}

// The folder of an embedding's files within the one of the events.
const folderOf = ({ tag, step }: Pick<Embedding, 'tag' | 'step'>): string =>
  `${padded(step)}/${tag.replaceAll('%', '%25').replaceAll('/', '%2f').replaceAll('\\', '%5c')}`;

const padded = (step: number): string => String(step).padStart(5, '0');

const columnsOf = (count: number): number => Math.ceil(Math.sqrt(count));

// Throws where pictures of this layout do not fit the square in which the projector looks for them.
function checkSprite({ size: { N, H, W } }: Layout, op: string): void {
  const columns = columnsOf(N);
  if (Math.ceil(N / columns) * H > columns * W)
    throw new ShapeError(`${op}: labelImg must have pictures that are at least as wide as high, got ${H} rows of ${W}`);
}

// The rows of labels as lines of a table, below their header.
function labelsOf(metadata: unknown, header: readonly string[], op: string): string[] {
  if (!Array.isArray(metadata)) wrongType(op, 'metadata', 'an array', metadata);
  if (header.length === 0) return metadata.map(String);
  const wrong = metadata.find((row) => !Array.isArray(row) || row.length !== header.length);
  if (wrong !== undefined) wrongType(op, 'metadata', `rows of ${header.length} labels as metadataHeader has`, wrong);
  return [header, ...(metadata as unknown[][])].map((row) => row.map(String).join('\t'));
}

/** The points of `mat` with their labels and pictures as they are now. Throws where their numbers differ. */
export function embeddingOf(mat: Tensor, options: EmbeddingOptions, op: string): Embedding {
  const { metadata, labelImg, globalStep, tag, metadataHeader } = optionsOf(options, op, [
    'metadata',
    'labelImg',
    'globalStep',
    'tag',
    'metadataHeader',
  ]);
  const points = snapshot(mat, op, 'mat');
  if (points.shape.length !== 2)
    throw new ShapeError(`${op}: mat must have shape [n, d], got [${points.shape.join(', ')}]`);
  const fits = (name: string, count: number) => {
    if (count !== points.shape[0])
      throw new ShapeError(`${op}: ${count} of ${name} do not fit ${points.shape[0]} points`);
  };
  const labels = metadata ? labelsOf(metadata, metadataHeader ?? [], op) : null;
  if (labels !== null) fits('metadata', metadata!.length);
  let pictures: Embedding['pictures'] = null;
  if (labelImg) {
    const taken = snapshot(labelImg, op, 'labelImg');
    pictures = { snapshot: taken, layout: layoutOf(taken.shape, 'NCHW', op) };
    fits('labelImg', taken.shape[0]!);
    checkSprite(pictures.layout, op);
  }
  return { tag: textOf(tag ?? 'default', op, 'tag'), step: stepOf(globalStep, op) ?? 0, points, labels, pictures };
}

// All pictures in one square, the rows that are left black.
function spriteOf({ snapshot, layout }: NonNullable<Embedding['pictures']>): Uint8Array {
  const grid = gridOf(snapshot.read(), layout, columnsOf(layout.size.N), scaleOf(snapshot));
  const data = new Uint8Array(grid.width * grid.width * 3);
  data.set(grid.data);
  return pngOf({ ...grid, height: grid.width, data });
}

/** Writes the files of an embedding below `folder`. */
export function writeEmbedding(folder: string, embedding: Embedding): void {
  const { points, labels, pictures } = embedding;
  const target = join(folder, folderOf(embedding));
  makeFolder('SummaryWriter', target);
  const values = points.read();
  const [rows, columns] = points.shape as [number, number];
  const whole = points.dtype.startsWith('int') || points.dtype === 'uint8';
  const text = (value: number): string => (whole ? String(value) : float(value));
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from(values.subarray(row * columns, (row + 1) * columns), text).join('\t'),
  );
  writeFileSync(join(target, 'tensors.tsv'), lines.map((line) => `${line}\n`).join(''));
  if (labels !== null) writeFileSync(join(target, 'metadata.tsv'), labels.map((label) => `${label}\n`).join(''));
  if (pictures !== null) writeFileSync(join(target, 'sprite.png'), spriteOf(pictures));
}

const quoted = (text: string): string => JSON.stringify(text);

/** What the list of embeddings says of one, in protocol buffers' text format. */
export function describeEmbedding(embedding: Embedding): string {
  const folder = folderOf(embedding);
  const lines = [`  tensor_name: ${quoted(`${embedding.tag}:${padded(embedding.step)}`)}`];
  if (embedding.labels !== null) lines.push(`  metadata_path: ${quoted(`${folder}/metadata.tsv`)}`);
  if (embedding.pictures !== null) {
    const { W, H } = embedding.pictures.layout.size;
    lines.push(
      '  sprite {',
      `    image_path: ${quoted(`${folder}/sprite.png`)}`,
      `    single_image_dim: ${W}`,
      `    single_image_dim: ${H}`,
      '  }',
    );
  }
  lines.push(`  tensor_path: ${quoted(`${folder}/tensors.tsv`)}`);
  return `embeddings {\n${lines.join('\n')}\n}\n`;
}
