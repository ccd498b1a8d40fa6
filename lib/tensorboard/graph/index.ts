// The graph of one forward, as TensorBoard shows PyTorch's.
import { CressetError } from '../../errors.js';
import { wrongType } from '../../functional/check.js';
import { isTensor } from '../../functional.js';
import { type AnyModule, Module } from '../../nn/module.js';
import { type GraphNode, graph, runMetadata } from '../messages.js';
import { encode } from '../protobuf.js';
import { atenCall, Constant, type Input } from './aten.js';
import { type Call, type Output, type Recording, recordForward, Value } from './recording.js';

/** Node by node: the ops that the output depends on, the inputs and parameters that those read, and the constants among their arguments. */
class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly #names = new Map<Value | Call, string>();
  readonly #constants = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  // How each module is shown within a path: `Conv2d[0]`.
  readonly #titles: Map<AnyModule, string>;
  readonly #paths: Map<string, AnyModule>;
  #number = 0;

  constructor(private readonly model: AnyModule) {
    this.#paths = new Map(model.namedModules());
    this.#titles = new Map(
      [...this.#paths].map(([path, module]) => [
        module,
        `${module.typeName}[${path.slice(path.lastIndexOf('.') + 1)}]`,
      ]),
    );
  }

  #add(name: string, op: string, input: string[], attr: string, shape?: readonly number[]): string {
    const shapes =
      shape === undefined ? {} : { _output_shapes: { list: { shape: [{ dim: shape.map((size) => ({ size })) }] } } };
    this.nodes.push({ name, op, input, attributes: { attr: { text: attr }, ...shapes } });
    return name;
  }

  /** The scope of the modules that were running. */
  scopeOf(scope: readonly AnyModule[]): string {
    return [this.model.typeName, ...scope.map((module) => this.#titles.get(module)!)].join('/');
  }

  #next(scope: string): string {
    return `${scope}/${++this.#number}`;
  }

  // Names that stand several times are numbered.
  #unique(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${name}.${count}`;
  }

  #constant({ type, text }: Constant, scope: string): string {
    const key = `${type} ${text}`;
    let name = this.#constants.get(key);
    if (name === undefined) {
      name = this.#add(this.#next(scope), 'prim::Constant', [], type === 'None' ? '{}' : `{ value : ${text}}`);
      this.#constants.set(key, name);
    }
    return name;
  }

  #parameter(path: string): string {
    const parts = path.split('.');
    const name = parts.pop()!;
    const scope = parts.map((_, i) => this.#paths.get(parts.slice(0, i + 1).join('.'))!);
    return this.#add(
      `${this.scopeOf(scope)}/${name}/${this.#unique(name)}`,
      'prim::GetAttr',
      [],
      `{ name :  ${name} }`,
    );
  }

  #leaf(value: Value, scope: string): string {
    const { source, shape } = value;
    if (source.kind === 'input') return this.#add(`input/${source.name}`, 'IO Node', [], '', shape);
    if (source.kind === 'parameter') return this.#parameter(source.path);
    if (source.kind === 'number') return this.#constant(new Constant('float', String(source.value)), scope);
    return this.#add(this.#next(scope), 'prim::Constant', [], '{ value : <Tensor>}', shape);
  }

  /** The name of the node of `input`, which is added where it is not there yet. */
  nameOf(input: Input, scope: string): string {
    if (input instanceof Constant) return this.#constant(input, scope);
    if (Array.isArray(input))
      return this.list(
        'prim::ListConstruct',
        (input as readonly Input[]).map((part) => this.nameOf(part, scope)),
        scope,
      );
    const value = input as Value;
    const key = value.source.kind === 'call' ? value.source.call : value;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = this.#leaf(value, scope);
      this.#names.set(key, name);
    }
    return name;
  }

  list(kind: string, parts: string[], scope: string): string {
    return this.#add(this.#next(scope), kind, parts, '{}');
  }

  addCall(call: Call): void {
    const scope = this.scopeOf(call.scope);
    const { kind, inputs } = atenCall(call);
    const names = inputs.map((input) => this.nameOf(input, scope));
    this.#names.set(call, this.#add(this.#next(scope), kind, names, '{}', call.shape));
  }

  addOutput(name: string, shape: readonly number[]): void {
    this.#add('output/output.1', 'IO Node', [name], '', shape);
  }
}

function* valuesOf(output: Output): Generator<Value> {
  if (output instanceof Value) yield output;
  else if (output !== null) for (const part of Object.values(output)) yield* valuesOf(part);
}

/** The calls that the output depends on, or changes in place, which may show in it by way of a view. */
function neededCalls({ calls, output }: Recording): Set<Call> {
  const found = new Set(calls.filter(({ op }) => op.endsWith('_')));
  const waiting = [...valuesOf(output), ...[...found].flatMap(tensorsOf)];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (value.source.kind !== 'call' || found.has(value.source.call)) continue;
    found.add(value.source.call);
    waiting.push(...tensorsOf(value.source.call));
  }
  return found;
}

const tensorsOf = ({ args }: Call): Value[] =>
  Object.values(args)
    .flat()
    .filter((arg) => arg instanceof Value);

function addOutput(builder: GraphBuilder, output: Output): void {
  const scope = builder.scopeOf([]);
  const nameOf = (part: Output): string => {
    if (part === null) return builder.nameOf(new Constant('None', ''), scope);
    if (part instanceof Value) return builder.nameOf(part, scope);
    if (Array.isArray(part)) return builder.list('prim::TupleConstruct', part.map(nameOf), scope);
    const names = Object.entries(part).flatMap(([key, inner]) => [
      builder.nameOf(new Constant('str', ` ${key} `), scope),
      nameOf(inner),
    ]);
    return builder.list('prim::DictConstruct', names, scope);
  };
  builder.addOutput(nameOf(output), output instanceof Value ? output.shape : [1]);
}

const nodeText = ({ name, op, input }: GraphNode): string => `${name} = ${op}(${input?.join(', ')})`;

/** What `addGraph` writes: the encoded graph and how it ran, and the graph as a text. */
export interface EncodedGraph {
  graph: Uint8Array;
  runMetadata: Uint8Array;
  text(): string;
}

/** The graph of `model` on `input`, a tensor or an array of arguments. */
export function graphOf(model: AnyModule, input: unknown): EncodedGraph {
  const op = 'addGraph';
  if (!(model instanceof Module)) wrongType(op, 'model', 'a Module', model);
  if (!isTensor(input) && !Array.isArray(input))
    wrongType(op, 'inputToModel', 'a Tensor or the array of the arguments', input);
  const modes = [...model.modules()].map((module) => [module, module.training] as const);
  let recording: Recording;
  try {
    model.eval();
    recording = recordForward(model, isTensor(input) ? [input] : input);
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
  if (valuesOf(recording.output).next().done) throw new CressetError(`${op}: ${model.typeName} gave no tensor`);
  const needed = neededCalls(recording);
  const builder = new GraphBuilder(model);
  for (const call of recording.calls) if (needed.has(call)) builder.addCall(call);
  addOutput(builder, recording.output);
  const { nodes } = builder;
  return {
    graph: encode(graph, { node: nodes, versions: { producer: 22 } }),
    runMetadata: encode(runMetadata, { stepStats: { device: { name: '/device:CPU:0' } } }),
    text: () => nodes.map(nodeText).join('\n'),
  };
}
