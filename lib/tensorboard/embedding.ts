// The files of TensorBoard's projector: vectors, labels, pictures, and the list of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ShapeError } from '../errors.js';
import { float } from '../nn/layers/text.js';
import { gridOf, type Layout, pngOf, scaleOf } from './image.js';
import type { Snapshot } from './snapshot.js';

/** Points of one embedding. */
export interface Embedding {
  tag: string;
  step: number;
  points: Snapshot;
  /** Rows of labels, the header first where there is one. */
  labels: readonly string[] | null;
  pictures: { snapshot: Snapshot; layout: Layout } | null;
}

/** The folder of an embedding's files within the one of the events. */
export const folderOf = ({ tag, step }: Pick<Embedding, 'tag' | 'step'>): string =>
  `${padded(step)}/${tag.replaceAll('%', '%25').replaceAll('/', '%2f').replaceAll('\\', '%5c')}`;

const padded = (step: number): string => String(step).padStart(5, '0');

const columnsOf = (count: number): number => Math.ceil(Math.sqrt(count));

/** Throws where pictures of this layout do not fit the square in which the projector looks for them. */
export function checkSprite({ size: { N, H, W } }: Layout, op: string): void {
  const columns = columnsOf(N);
  if (Math.ceil(N / columns) * H > columns * W)
    throw new ShapeError(`${op}: labelImg must have pictures that are at least as wide as high, got ${H} rows of ${W}`);
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
  mkdirSync(target, { recursive: true });
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
