// A user's program in TypeScript, whose data set is in a module of its own.
import { DataLoader } from 'cresset/data';
import { collateFn, power, Squares } from './squares.js';

const loader = new DataLoader(new Squares(5, power), { batchSize: 2, numWorkers: 1, collateFn });
const seen: [number, unknown][] = [];
for await (const { worker, squares } of loader) seen.push([worker, squares.toArray()]);
console.log(JSON.stringify(seen));
