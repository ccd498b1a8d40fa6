// Pickles that are made to harm, from what is publicly known of them: all are refused by name, by every reader, and nothing is run.
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from '../../lib/serialization/index.js';
import { inspectCheckpoint } from '../../lib/serialization/inspect.js';
import { temporaryFolder } from '../temporary.js';
import { call, global, pickled, refusal, refusalOfAll, text, writeCheckpointOf } from './hostile.js';

const folder = temporaryFolder();
const path = join(folder, 'model.pth');

const place = (at: number) => `archive/data.pkl at byte ${at}`;
const notAmong = (name: string, at = 2) =>
  `${place(at)}: ${name} is not among the names that a checkpoint may use, and no code of a file is ever run`;

describe('functions that run what they are given', () => {
  test.each([
    ...[
      'os.system',
      'posix.system',
      'nt.system',
      'os.popen',
      'os.execv',
      'os.spawnl',
      'posix.fork',
      'commands.getoutput',
    ],
    ...[
      'subprocess.run',
      'subprocess.call',
      'subprocess.check_output',
      'subprocess.getoutput',
      'pty.spawn',
      'shutil.rmtree',
    ],
    ...[
      'builtins.eval',
      'builtins.exec',
      'builtins.compile',
      'builtins.getattr',
      'builtins.setattr',
      'builtins.__import__',
    ],
    ...[
      'builtins.open',
      'builtins.globals',
      'builtins.map',
      'builtins.breakpoint',
      'builtins.input',
      '__builtin__.eval',
    ],
    ...[
      '__builtin__.apply',
      '__builtin__.execfile',
      'importlib.import_module',
      'importlib.reload',
      'sys.modules',
      'sys.exit',
    ],
    ...['operator.attrgetter', 'operator.methodcaller', 'functools.reduce', 'itertools.starmap', 'types.new_class'],
    ...[
      'pickle.loads',
      '_pickle.loads',
      'marshal.loads',
      'dill.loads',
      'cloudpickle.loads',
      'joblib.load',
      'shelve.open',
    ],
    ...[
      'torch.load',
      'torch.hub.load',
      'torch.jit.load',
      'torch.serialization.add_safe_globals',
      'torch.storage._load_from_bytes',
    ],
    ...[
      'torch.ops.load_library',
      'torch.utils.cpp_extension.load',
      'torch.multiprocessing.spawn',
      'torch.distributed.run.main',
    ],
    ...[
      'numpy.load',
      'numpy.testing._private.utils.runstring',
      'numpy.core._multiarray_umath.add_docstring',
      'pandas.read_pickle',
    ],
    ...['webbrowser.open', 'runpy._run_code', 'runpy.run_path', 'pip.main', 'pip._internal.main', 'ensurepip._run_pip'],
    ...[
      'asyncio.run',
      'asyncio.subprocess.create_subprocess_shell',
      'code.interact',
      'timeit.timeit',
      'cProfile.run',
      'pdb.run',
    ],
    ...[
      'pdb.set_trace',
      'profile.run',
      'doctest.debug_script',
      'pydoc.pipepager',
      'venv.create',
      'idlelib.rpc.remote_call',
    ],
    ...[
      'multiprocessing.util.spawnv_passfds',
      'distutils.file_util.write_file',
      'logging.config.listen',
      'socket.create_connection',
    ],
    ...[
      'urllib.request.urlopen',
      'ssl.get_server_certificate',
      'test.support.script_helper.assert_python_ok',
      'ctypes.cdll',
    ],
    ...['__main__.run', 'copyreg._reconstructor', 'copyreg.__newobj__', 'copy_reg._reconstructor', 'gc.get_objects'],
  ])('%s', async (name) => {
    await writeCheckpointOf(path, pickled(call(name, text('echo harm'))));
    expect(await refusalOfAll(path)).toBe(notAmong(name));
  });
});

describe('classes that do so when they are made', () => {
  const known = [
    'Popen',
    'InteractiveInterpreter',
    'Bdb',
    'ModifiedInterpreter',
    'FunctionType',
    'CodeType',
    'CDLL',
    'Trace',
  ];
  const modules = ['subprocess', 'code', 'bdb', 'idlelib.pyshell', 'types', 'types', 'ctypes', 'trace'];
  test.each(known.map((name, i) => [modules[i]!, name]))('%s.%s', async (module, name) => {
    await writeCheckpointOf(path, pickled(call(`${module}.${name}`, text('echo harm'))));
    expect(await refusal(path, load(path))).toBe(
      `${place(2)}: it holds an object of the class ${module}.${name} (Can't get attribute '${name}' on <module '${module}'>). A file carries ` +
        `no code: write the class in TypeScript and pass it, await load(${JSON.stringify(path)}, { classes: { ${name} } })`,
    );
    expect(await refusal(path, inspectCheckpoint(path))).toMatch(
      new RegExp(`at byte \\d+: it calls ${module}\\.${name}, which is no allowed function$`),
    );
  });

  test('are no more than a name where only their __new__ is asked for, which inspect shows', async () => {
    await writeCheckpointOf(path, pickled(`${global('subprocess.Popen')})\x81}b`));
    expect((await inspectCheckpoint(path)).items).toEqual([{ name: '', className: 'subprocess.Popen' }]);
  });
});

describe('names put together, and calls of what calls', () => {
  const stackGlobal = (module: string, name: string) => `${text(module)}${text(name)}\x93`;
  const ids = (n: number) => String.fromCharCode(n);
  test.each<[string, string, string]>([
    ['by STACK_GLOBAL', `${stackGlobal('os', 'system')}(${text('id')}tR`, notAmong('os.system', 20)],
    [
      'a path inside of an allowed module',
      stackGlobal('torch._utils', 'os.system'),
      notAmong('torch._utils.os.system', 33),
    ],
    [
      'a path inside of an allowed function',
      stackGlobal('torch._utils', '_rebuild_tensor_v2.__globals__'),
      notAmong('torch._utils._rebuild_tensor_v2.__globals__', 54),
    ],
    ['names from the memo', `${text('system')}q\x010${text('os')}h\x01\x93`, notAmong('os.system', 25)],
    ['a name of no text', `${text('os')}K\x01\x93`, `${place(11)}: the name of a global is no string`],
    ['a lone surrogate', `X\x03\0\0\0\xed\xa0\x80${text('x')}\x93`, `${place(2)}: a string is not UTF-8`],
    ['an empty name', 'c\n\n', notAmong('.')],
    ['a name that hides its end', global('os.system\0.path'), notAmong('os.system\\x00.path')],
    ['INST', `(${text('id')}ios\nsystem\n`, `${place(10)}: the opcode INST is not allowed in a checkpoint`],
    ['OBJ', `(${global('collections.OrderedDict')}o`, `${place(28)}: the opcode OBJ is not allowed in a checkpoint`],
    [
      'NEWOBJ',
      `${global('collections.OrderedDict')}K\x01\x81`,
      `${place(29)}: the arguments of collections.OrderedDict are no tuple`,
    ],
    [
      'NEWOBJ_EX',
      `${global('collections.OrderedDict')})}\x92`,
      `${place(29)}: the opcode NEWOBJ_EX is not allowed in a checkpoint`,
    ],
    ['EXT1', `\x82${ids(1)}`, `${place(2)}: the opcode EXT1 is not allowed in a checkpoint`],
    ['EXT2', '\x83\x01\x01', `${place(2)}: the opcode EXT2 is not allowed in a checkpoint`],
    ['EXT4', '\x84\x01\x01\x01\x01', `${place(2)}: the opcode EXT4 is not allowed in a checkpoint`],
    ['PERSID', 'Pos.system\n', `${place(2)}: the opcode PERSID is not allowed in a checkpoint`],
    ['NEXT_BUFFER', '\x97', `${place(2)}: the opcode NEXT_BUFFER is not allowed in a checkpoint`],
    ['an opcode that is none', '\xff', `${place(2)}: opcode 0xff is unknown`],
    [
      'a call in a call',
      call('collections.OrderedDict', `(${call('os.system', text('id'))}l`),
      notAmong('os.system', 29),
    ],
    [
      'a call of what a call gives',
      `${call('torch.device', text('cpu'))}(tR`,
      `${place(29)}: it calls something that is no allowed function`,
    ],
    [
      'a call of functools.partial',
      `${call('functools.partial', global('collections.OrderedDict'))})R`,
      `${place(50)}: it calls something that is no allowed function`,
    ],
    ['functools.partial of a shell', call('functools.partial', global('os.system')), notAmong('os.system', 22)],
    [
      'a tensor made by another function',
      call(
        'torch._tensor._rebuild_from_type_v2',
        global('torch.device'),
        global('torch.Tensor'),
        `${text('cpu')}\x85`,
        '}',
      ),
      `${place(79)}: a tensor is made by something that is no allowed function`,
    ],
    [
      'a tensor made by its own function, without an end',
      call('torch._tensor._rebuild_from_type_v2', global('torch._tensor._rebuild_from_type_v2'), 'N', ')', '}'),
      `${place(81)}: a tensor is made by something that is no allowed function`,
    ],
    [
      'the attributes of a function',
      `${global('collections.OrderedDict')}}b`,
      `${place(28)}: it sets the attributes of something that has none`,
    ],
    ['the attributes of a list', ']}b', `${place(4)}: it sets the attributes of something that has none`],
    [
      'attributes that are no dict',
      `${global('collections.OrderedDict')})R]b`,
      `${place(30)}: the attributes of an OrderedDict are no dict`,
    ],
    [
      'a class among the values',
      `]${global('torch.FloatStorage')}a`,
      `${place(24)}: it holds torch.FloatStorage itself, which is no data`,
    ],
    [
      'a class among the values and among the attributes of a module',
      `](${global('torch.nn.modules.activation.ReLU')}q\0h\0)\x81}${text('own')}h\0sbe`,
      `${place(58)}: it holds torch.nn.modules.activation.ReLU itself, which is no data`,
    ],
  ])('%s', async (_, codes, message) => {
    await writeCheckpointOf(path, pickled(codes));
    expect(await refusalOfAll(path)).toBe(message);
  });
});
