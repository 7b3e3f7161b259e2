import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { aboutGpus } from '../../scripts/cuda/binding.mjs'
// @ts-expect-error a script without types
import { gpusOf, whyUnsupported } from '../../scripts/cuda/machine.mjs'
// @ts-expect-error a script without types
import { findCommand } from '../../scripts/debian.mjs'
// @ts-expect-error a script without types
import { costOf, reportOf, whyNoRoom } from '../../scripts/cuda/report.mjs'
// @ts-expect-error a script without types
import { chooseTensorflow, pipProblem, placeOf, wheelsIn } from '../../scripts/cuda/wheels.mjs'
// @ts-expect-error a script without types
import { unzip } from '../../scripts/unzip.mjs'
import { skipped } from '../helpers/skipping'

const l4 = { name: 'NVIDIA L4', memoryMiB: 23034, driver: '550.54.14' }
const linux = { platform: 'linux', arch: 'x64', libc: 'glibc 2.36', gpus: [] as (typeof l4)[] }
const noGpu = { ...linux, whyNoGpu: 'nvidia-smi was not found' }

describe('the machine', () => {
  it('has the GPUs that nvidia-smi lists', () => {
    const said = 'NVIDIA GeForce RTX 4090, 24564, 550.54.14\nNVIDIA L4, 23034, 550.54.14\n'
    expect(gpusOf({ said, hasFailed: false })).toEqual({
      gpus: [{ name: 'NVIDIA GeForce RTX 4090', memoryMiB: 24564, driver: '550.54.14' }, l4],
    })
  })

  it('has a GPU although its memory is not known, as on unified memory', () => {
    expect(gpusOf({ said: 'NVIDIA GB10, [N/A], 580.95.05\n', hasFailed: false }).gpus).toEqual([
      { name: 'NVIDIA GB10', memoryMiB: 0, driver: '580.95.05' },
    ])
  })

  it.each([
    ['there is no nvidia-smi', undefined, 'nvidia-smi, which comes with NVIDIA’s driver, was not found'],
    [
      'the driver is not loaded',
      {
        said: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\nMake sure …",
        hasFailed: true,
      },
      "nvidia-smi says: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
    ],
    [
      'no device is found',
      { said: 'No devices were found\n', hasFailed: false },
      'nvidia-smi says: No devices were found',
    ],
    ['it says nothing', { said: '', hasFailed: false }, 'nvidia-smi says: nothing'],
  ])('has none when %s', (_, answer, whyNoGpu) => {
    expect(gpusOf(answer)).toEqual({ gpus: [], whyNoGpu })
  })

  it('must be one that TensorFlow is published for', () => {
    expect(whyUnsupported(linux)).toBeUndefined()
    expect(whyUnsupported({ ...linux, arch: 'arm64' })).toBeUndefined()
    expect(whyUnsupported({ ...linux, libc: 'musl' })).toMatch(/musl/)
    expect(whyUnsupported({ ...linux, arch: 'riscv64' })).toMatch(/riscv64/)
    expect(whyUnsupported({ ...linux, platform: 'darwin' })).toMatch(/Linux only/)
    expect(whyUnsupported({ ...linux, platform: 'win32' })).toMatch(/WSL 2/)
  })
})

describe('the choice of TensorFlow', () => {
  it('is the one with CUDA where there is a GPU, else the one for the CPU, with the reason', () => {
    expect(chooseTensorflow({ ...linux, gpus: [l4] }, undefined)).toMatchObject({
      requirement: 'tensorflow[and-cuda]==2.21.0',
      forGpu: true,
      because: 'NVIDIA L4, driver 550.54.14.',
    })
    expect(chooseTensorflow(noGpu, undefined)).toMatchObject({
      requirement: 'tensorflow-cpu==2.21.0',
      forGpu: false,
      because: 'No NVIDIA GPU: nvidia-smi was not found.',
    })
  })

  it('is the one for the CPU when the driver is older than CUDA 12', () => {
    const withDriver = (driver: string) =>
      chooseTensorflow({ ...linux, gpus: [{ ...l4, driver }] }, undefined).forGpu
    expect([
      withDriver('470.256.02'),
      withDriver('525.59.99'),
      withDriver('525.60.13'),
      withDriver('535.1'),
    ]).toEqual([false, false, true, true])
    expect(
      chooseTensorflow({ ...linux, gpus: [{ ...l4, driver: '470.256.02' }] }, undefined).because,
    ).toMatch(/driver 470\.256\.02 is too old for CUDA 12, which needs 525\.60/)
  })

  it('is what the person asked for, whatever is found', () => {
    expect(chooseTensorflow(noGpu, 'gpu')).toMatchObject({
      requirement: 'tensorflow[and-cuda]==2.21.0',
      forGpu: true,
    })
    expect(chooseTensorflow({ ...linux, gpus: [l4] }, 'cpu')).toMatchObject({
      requirement: 'tensorflow-cpu==2.21.0',
      forGpu: false,
    })
  })

  it('is the CPU’s on ARM, where there is no other', () => {
    expect(chooseTensorflow({ ...linux, arch: 'arm64', gpus: [l4] }, 'gpu')).toMatchObject({
      requirement: 'tensorflow==2.21.0',
      forGpu: false,
    })
  })
})

describe('what pip answers', () => {
  it('comes to TensorFlow and NVIDIA’s libraries; the rest is for Python', () => {
    const names = [
      'tensorflow',
      'keras',
      'numpy',
      'nvidia-cudnn-cu12',
      'tensorflow-io-gcs-filesystem',
      'nvidia_nccl_cu12',
    ]
    const found = wheelsIn({
      install: names.map((name, place) => ({ metadata: { name, version: `1.${place}` } })),
    })
    expect(found).toEqual([
      { name: 'tensorflow', version: '1.0' },
      { name: 'nvidia-cudnn-cu12', version: '1.3' },
      { name: 'nvidia_nccl_cu12', version: '1.5' },
    ])
    expect(wheelsIn({ install: [{ metadata: { name: 'tensorflow_cpu', version: '2.21.0' } }] })).toHaveLength(
      1,
    )
  })

  it.each([
    [
      'an index out of reach',
      "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\nERROR: No " +
        'matching distribution found for tensorflow-cpu==2.21.0',
      /^PyPI cannot be reached, so TensorFlow was not set up, and nothing has changed\..*PIP_INDEX_URL/,
    ],
    [
      'an index without this version',
      'ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0 (from ' +
        'versions: 2.22.0)\nERROR: No matching distribution found',
      /^pip finds no tensorflow-cpu==2\.21\.0 for this machine\. Nothing has changed\.\npip says: Could not find a version .*2\.22\.0/,
    ],
    ['a Python without pip', '/usr/bin/python3: No module named pip', /apt-get install -y python3-pip/],
    ['a pip from before 2022', 'no such option: --report', /pip is too old/],
  ])('is put in words for %s', (_, stderr, expected) => {
    expect(pipProblem(stderr, 'tensorflow-cpu==2.21.0')).toMatch(expected)
  })
})

describe('what is unpacked of a wheel', () => {
  it.each([
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
    'tensorflow/include/tensorflow/c/c_api.h',
    'tensorflow/include/tensorflow/c/eager/c_api.h',
    'tensorflow/include/xla/tsl/c/tsl_status.h',
    'tensorflow/include/tsl/platform/ctstring.h',
    'nvidia/cudnn/lib/libcudnn.so.9',
    'nvidia/cuda_nvcc/bin/ptxas',
    'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
    'tensorflow_cpu-2.21.0.dist-info/METADATA',
    'nvidia_nccl_cu12-2.32.3.dist-info/licenses/LICENSE.txt',
  ])('is %s', (name) => expect(placeOf(name)).toBe(name))

  it.each([
    'tensorflow/__init__.py',
    'tensorflow/python/_pywrap_tensorflow_internal.so',
    'tensorflow/include/tensorflow/core/framework/op.h',
    'tensorflow/include/external/llvm-project/x.h',
    'nvidia/__init__.py',
    'nvidia/cudnn/include/cudnn.h',
    'tensorflow_cpu-2.21.0.dist-info/RECORD',
    'tensorflow/libtensorflow_cc.so.2.runfiles/x',
  ])('is not %s', (name) => expect(placeOf(name)).toBeUndefined())
})

describe('what is said', () => {
  const record = { wheel: 'tensorflow-cpu', forGpu: false, libraries: [], node: '20.20.2' }
  const binding = '.cache/tensorflow/package/tfjs_binding.node'

  it('before: what it costs, and that there is no room', () => {
    const choice = chooseTensorflow({ ...linux, gpus: [l4] }, undefined)
    expect(costOf(choice, '.cache/tensorflow', 71.3)).toMatch(
      /^Downloads about 3\.4 GB and takes about \d+(\.\d)? GB in \.cache\/tensorflow \(71 GB free\)\.$/,
    )
    expect(whyNoRoom(choice, 71)).toBeUndefined()
    expect(whyNoRoom(choice, 5)).toMatch(
      /^There is no room: \d+\.\d GB are needed while it is unpacked, 5\.0 GB are free\. Nothing has changed\.$/,
    )
  })

  it('after, on a machine without a GPU', () => {
    expect(
      reportOf({ machine: noGpu, record, binding, trial: { version: '2.21.0', isOnGpu: false, said: '' } }),
    ).toBe(
      [
        '  machine     linux x64, glibc 2.36',
        '  GPU         none: nvidia-smi was not found',
        '  TensorFlow  2.21.0, from PyPI’s tensorflow-cpu',
        '  CUDA        not part of this wheel',
        '  binding     .cache/tensorflow/package/tfjs_binding.node, compiled by Node 20.20.2',
        '  runs on     CPU',
      ].join('\n'),
    )
  })

  const withCuda = {
    ...record,
    wheel: 'tensorflow',
    forGpu: true,
    libraries: [
      { name: 'nvidia-cudnn-cu12', version: '9.28.0.42' },
      { name: 'nvidia-cublas-cu12', version: '12.9.3.13' },
    ],
  }

  it('after, on a GPU', () => {
    const text = reportOf({
      machine: { ...linux, gpus: [l4] },
      record: { ...withCuda, gpu: 'NVIDIA L4' },
      binding,
      trial: { version: '2.21.0', isOnGpu: true, said: '' },
    })
    expect(text).toContain('  GPU         NVIDIA L4, 22 GiB, driver 550.54.14\n')
    expect(text).toContain('  CUDA        cudnn 9.28.0.42, cublas 12.9.3.13\n')
    expect(text).toMatch(/ {2}runs on {5}NVIDIA L4$/)
  })

  it('after, on a GPU that TensorFlow does not use: with what TensorFlow says', () => {
    const said = aboutGpus(
      '2026-11-22 05:00:00.123456: E external/xla/cuda_platform.cc:51] failed call to cuInit: UNKNOWN ' +
        'ERROR (303)\nI0000 00:00:1795324098.716240   12165 port.cc:153] oneDNN custom operations are on.\n',
    )
    const text = reportOf({
      machine: { ...linux, gpus: [l4] },
      record: withCuda,
      binding,
      trial: { version: '2.21.0', isOnGpu: false, said },
    })
    expect(text).toMatch(
      / {2}runs on {5}CPU: TensorFlow finds no GPU it can use\. It says:\n {14}E external\/xla\/cuda_platform\.cc:51\] failed call to cuInit: UNKNOWN ERROR \(303\)$/,
    )
  })
})

const missing = ['python3', 'pip3', 'g++', 'make'].filter((command) => !findCommand(command))

const whyNot = missing.length > 0 ? `there is no ${missing.join(', ')}` : undefined

describe.skipIf(whyNot !== undefined)(`the script${skipped(whyNot)}`, () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })
  const folder = () => {
    folders.push(mkdtempSync(join(tmpdir(), 'setup-cuda-')))
    return folders.at(-1)!
  }

  it('unpacks what has a place, and nothing outside of its folder', async () => {
    const here = folder()
    const zip = join(here, 'a.zip')
    execFileSync('python3', [
      '-c',
      `import zipfile; z = zipfile.ZipFile(${JSON.stringify(zip)}, 'w'); z.writestr('keep/a.txt', ` +
        `'a'); z.writestr('drop/b.txt', 'b')`,
    ])
    await unzip(zip, join(here, 'out'), (name: string) => (name.startsWith('keep/') ? name : undefined))
    expect(readFileSync(join(here, 'out/keep/a.txt'), 'utf8')).toBe('a')
    expect(existsSync(join(here, 'out/drop'))).toBe(false)
    await expect(unzip(zip, join(here, 'out'), (name: string) => `../${name}`)).rejects.toThrow(
      'a path outside the archive: keep/a.txt',
    )
  })

  it('says so when PyPI is out of reach, and leaves everything as it was', () => {
    const clone = folder()
    const root = resolve(import.meta.dirname, '../..')
    for (const name of ['scripts', 'node_modules', 'package.json'])
      symlinkSync(join(root, name), join(clone, name))
    mkdirSync(join(clone, 'home'))
    writeFileSync(join(clone, 'pip.conf'), '')
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        '--preserve-symlinks',
        '--preserve-symlinks-main',
        join(clone, 'scripts/setup-cuda.mjs'),
        '--for',
        'cpu',
      ],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          PIP_CONFIG_FILE: join(clone, 'pip.conf'),
          PIP_FIND_LINKS: '',
          PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
        },
      },
    )
    expect(stderr).toMatch(/^PyPI cannot be reached, so TensorFlow was not set up, and nothing has changed\./)
    expect(stdout).toBe('The CPU was asked for.\n')
    expect(status).toBe(1)
    expect(existsSync(join(clone, '.cache'))).toBe(false)
  })
})
