/** Lint: what the compiler does not see, and the budgets of resources/docs/design.md. */
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

/** Folders whose results must follow from their arguments alone: randomness and time are passed in. */
const reproducible = ['compute', 'maths', 'model', 'data', 'rewards', 'trainers', 'evaluation'].map(
  (folder) => `src-main/${folder}/**/*.ts`,
)
const passedIn = 'Randomness and time are arguments here: take a Random or a clock from the caller.'

export default tseslint.config(
  { ignores: ['out/', 'node_modules/', '.cache/', 'resources/'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.{ts,mts,vue}'],
    languageOptions: {
      parserOptions: {
        parser: tseslint.parser,
        projectService: true,
        extraFileExtensions: ['.vue'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { disallowTypeAnnotations: false, fixStyle: 'separate-type-imports' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      'max-lines': ['warn', { max: 300 }],
      'max-params': ['warn', { max: 5 }],
      'max-depth': ['warn', { max: 4 }],
    },
  },
  {
    files: ['src-main/trainers/**/*.ts'],
    rules: { 'max-lines': ['warn', { max: 350 }] },
  },
  {
    files: reproducible,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: passedIn },
        { object: 'Date', property: 'now', message: passedIn },
        { object: 'performance', property: 'now', message: passedIn },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: passedIn },
      ],
    },
  },
  {
    files: ['src-renderer/**/*.vue'],
    rules: {
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/no-v-html': 'error',
      'vue/require-explicit-emits': 'error',
      'vue/max-lines-per-block': ['warn', { script: 150, template: 150 }],
      'vue/multi-word-component-names': 'off',
    },
  },
)
