module.exports = {
  testEnvironment: 'node',
  // By default one core is left free, and of two that leaves one.
  maxWorkers: '100%',
  // Beside other work a test may take a multiple of its time.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/build', '<rootDir>/dist'],
  // Examples import the package by its name.
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^cresset$': '<rootDir>/lib/index.ts',
    '^cresset/(data|tensorboard|vision)$': '<rootDir>/lib/$1/index.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript', explicitResourceManagement: true } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
};
