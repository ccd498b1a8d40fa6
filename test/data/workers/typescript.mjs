// What a user gives `node --import`: it runs in each thread, whereas `--import tsx` compiles in the first one only.
import { register } from 'tsx/esm/api';

register();
