/** What people type of a repository, and which of its files are which split. */
import { describe, expect, it } from 'vitest'
import { datasetAddress, modelAddress } from '../../src-main/hub/address'
import { configsOf } from '../../src-main/hub/dataset-files'
import { matcher } from '../../src-main/hub/file-patterns'

describe('an address', () => {
  it.each([
    ['hf:lab/pairs', { name: 'lab/pairs' }],
    ['hf:lab/pairs/second@held', { name: 'lab/pairs', config: 'second', split: 'held' }],
    ['lab/pairs@test', { name: 'lab/pairs', split: 'test' }],
    ['hf:squad', { name: 'squad' }],
    ['hf://datasets/lab/pairs', { name: 'lab/pairs' }],
    ['https://huggingface.co/datasets/lab/pairs/tree/main/data', { name: 'lab/pairs' }],
  ])('of a dataset: %s', (typed, address) => expect(datasetAddress(typed)).toEqual(address))

  it.each([
    ['hf:lab/tiny', { name: 'lab/tiny' }],
    ['hf:lab/tiny@v1.0:tiny-Q8_0.gguf', { name: 'lab/tiny', revision: 'v1.0', file: 'tiny-Q8_0.gguf' }],
    ['https://huggingface.co/lab/tiny', { name: 'lab/tiny' }],
  ])('of a model: %s', (typed, address) => expect(modelAddress(typed)).toEqual(address))

  it.each(['hf:', 'hf:../x', 'hf:a b/c', 'hf:lab/..', 'hf:lab/pairs?x=1'])('is refused: %s', (typed) => {
    expect(() => datasetAddress(typed)).toThrow('must be like hf:OWNER/NAME')
    expect(() => modelAddress(typed)).toThrow('must be like hf:OWNER/NAME')
  })
})

const splitsOf = (paths: readonly string[], card?: unknown): unknown =>
  configsOf(
    card,
    paths.map((path) => ({ path, bytes: 10, checksum: undefined })),
  ).map(({ name, splits }) => [name, Object.fromEntries(splits.map((split) => [split.name, split.files]))])

describe('the splits of a repository', () => {
  it('are those of shards, whatever they are called', () => {
    expect(
      splitsOf(['data/train_prefs-00000-of-00002.parquet', 'data/train_prefs-00001-of-00002.parquet']),
    ).toEqual([
      [
        'default',
        {
          train_prefs: ['data/train_prefs-00000-of-00002.parquet', 'data/train_prefs-00001-of-00002.parquet'],
        },
      ],
    ])
  })

  it('are told by folders before names, and all is training without either', () => {
    expect(splitsOf(['train/a.jsonl', 'validation/b.jsonl', 'notes/test.jsonl'])).toEqual([
      ['default', { train: ['train/a.jsonl'], validation: ['validation/b.jsonl'] }],
    ])
    expect(splitsOf(['my_train.csv', 'my-dev.csv', 'eval.csv'])).toEqual([
      ['default', { train: ['my_train.csv'], validation: ['my-dev.csv'], test: ['eval.csv'] }],
    ])
    expect(splitsOf(['constraints.csv'])).toEqual([['default', { train: ['constraints.csv'] }]])
    expect(splitsOf(['helpful/train.jsonl.gz', 'helpful/test.jsonl.gz'])).toEqual([
      ['default', { train: ['helpful/train.jsonl.gz'], test: ['helpful/test.jsonl.gz'] }],
    ])
  })

  it('are of one format: the commonest', () => {
    expect(splitsOf(['a.parquet', 'b.parquet', 'list.json', 'dataset_infos.json', '.hidden.json'])).toEqual([
      ['default', { train: ['a.parquet', 'b.parquet'] }],
    ])
  })

  it('are those of its card', () => {
    const configs = [
      { config_name: 'en', data_dir: 'en', default: true },
      { config_name: 'de', data_files: { train: 'de/t*.json', test: ['de/v?.json'] } },
      { config_name: 'none', data_files: 'missing/*' },
    ]
    expect(splitsOf(['en/x.json', 'en/README.md', 'de/t1.json', 'de/v1.json'], { configs })).toEqual([
      ['en', { train: ['en/x.json'] }],
      ['de', { train: ['de/t1.json'], test: ['de/v1.json'] }],
    ])
  })
})

describe('a pattern of file names', () => {
  it.each([
    ['data/train-*', 'data/train-0.parquet', true],
    ['data/*', 'data/more/x.parquet', false],
    ['**/*.parquet', 'x.parquet', true],
    ['**/*.parquet', 'a/b/x.parquet', true],
    ['data/**', 'data/a/b.json', true],
    ['x.{csv,tsv}', 'x.tsv', true],
    ['v[0-9].json', 'v7.json', true],
    ['v[!0-9].json', 'v7.json', false],
    ['a+b(1).json', 'a+b(1).json', true],
    ['[', '[', true],
  ])('%s and %s: %s', (pattern, path, fits) => expect(matcher(pattern)(path)).toBe(fits))
})
