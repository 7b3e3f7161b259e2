/**
 * `npm run bench:peers`: puts the current PyTorch, NumPy, JAX and TRL from PyPI, and llama.cpp from npm, into
 * .cache/peers, to measure against.
 *
 * PyTorch's Linux wheel is built for CUDA and asks for gigabytes of NVIDIA libraries. Only its CPU part is
 * measured, so they are left out: their entry points are stood in for by a small library that is compiled
 * here, and nothing but importing touches it.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ensureSystem, findCommand } from '../../debian.mjs'

const folder = path.join(import.meta.dirname, '../../../.cache/peers')
const needed = [
  'filelock',
  'typing_extensions',
  'sympy',
  'networkx',
  'jinja2',
  'fsspec',
  'mpmath',
  'markupsafe',
  'numpy',
]
/** Small enough to be the real ones: torch calls into them while it is imported. */
const realNvidia = ['nvidia-cuda-runtime', 'nvidia-cuda-cupti']
const nvidiaSymbol = /^(cublas|cudnn|cusparse|cufft|cusolver|nccl|nvshmem|nvrtc|nvJitLink|cuFile|cu[A-Z])/

/** A package of its own, with node-llama-cpp in it. */
export const llamaFolder = path.join(folder, 'llama')
export const pythonIn = (environment) =>
  path.join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
export const peerPython = pythonIn(folder)
const ppoFolder = path.join(folder, 'trl-ppo')
const lastTrlWithPpo = 'trl==1.12.0'

export function installPeers(say = console.log) {
  const install = installTorch(folder, say)
  say('Installing JAX from PyPI …')
  install('jax', 'gguf')
  say('Installing TRL from PyPI …')
  install('transformers', 'datasets', 'psutil')
  // they ask for PyTorch as it is published, with all of CUDA
  install('--no-deps', 'trl', 'peft', 'accelerate')
  install('--no-deps', '--target', ppoFolder, lastTrlWithPpo)
  installLlama(llamaFolder, say)
  sayVersions(say)
}

/**
 * PyTorch alone in a new environment of Python's, in the place of what is there.
 * @returns what installs more into it: arguments of pip
 */
export function installTorch(environment, say) {
  const needsStandIns = process.platform === 'linux' && process.arch === 'x64'
  const works = ['installing PyTorch', ...(needsStandIns ? ['standing in for CUDA'] : [])]
  if (!ensureSystem(works)) process.exit(1)
  fs.rmSync(environment, { recursive: true, force: true })
  execFileSync(findCommand('python3'), ['-m', 'venv', environment], { stdio: 'inherit' })
  say('Installing PyTorch from PyPI …')
  const python = pythonIn(environment)
  const install = installerOf(environment)
  if (needsStandIns) {
    install('--no-deps', 'torch', ...needed, ...realNvidia)
    standIn(
      JSON.parse(
        execFileSync(python, [
          '-c',
          'import json, sysconfig; print(json.dumps(sysconfig.get_path("purelib")))',
        ]),
      ),
    )
  } else install('torch', 'numpy')
  return install
}

/** @returns what installs into an environment: arguments of pip */
export const installerOf =
  (environment) =>
  (...names) =>
    execFileSync(
      pythonIn(environment),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...names],
      { stdio: 'inherit' },
    )

/** node-llama-cpp in a package of its own, in a new folder. */
export function installLlama(own, say) {
  say('Installing llama.cpp from npm …')
  fs.mkdirSync(own, { recursive: true })
  fs.writeFileSync(path.join(own, 'package.json'), '{ "private": true }')
  execFileSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', 'node-llama-cpp'],
    { cwd: own, stdio: 'inherit', shell: process.platform === 'win32' },
  )
}

function sayVersions(say) {
  say(
    String(
      execFileSync(peerPython, [
        '-c',
        'import torch; torch.nn.Linear(2, 2)(torch.ones(2, 2)).sum().backward(); print("PyTorch", ' +
          'torch.__version__)',
      ]),
    ).trim(),
  )
  say(String(execFileSync(peerPython, ['-c', 'import jax; print("JAX", jax.__version__)'])).trim())
}

/** Puts a stand-in beside torch's own libraries for each NVIDIA library they name and nobody has. */
function standIn(sitePackages) {
  const own = path.join(sitePackages, 'torch/lib')
  const libraries = fs
    .readdirSync(own)
    .filter((name) => name.includes('.so'))
    .map((name) => path.join(own, name))
  const named = new Set(
    libraries.flatMap((file) =>
      [...String(execFileSync('readelf', ['-d', file])).matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(
        (match) => match[1],
      ),
    ),
  )
  const present = new Set(
    fs.readdirSync(path.join(sitePackages, 'nvidia'), { recursive: true }).map((file) => path.basename(file)),
  )
  const missing = [...named].filter(
    (name) => /^lib(cu|nv|nccl)/.test(name) && !present.has(name) && !fs.existsSync(path.join(own, name)),
  )

  const symbols = new Set(
    libraries
      .flatMap((file) =>
        String(execFileSync('nm', ['-D', '--undefined-only', file], { maxBuffer: 1 << 28 })).split('\n'),
      )
      .map((line) => line.trim().split(/\s+/)[1]?.replace(/@.*/, '') ?? '')
      .filter((name) => nvidiaSymbol.test(name)),
  )
  const compile = (name, source, ...links) =>
    execFileSync(
      'gcc',
      [
        '-w',
        '-fno-builtin',
        '-shared',
        '-fPIC',
        '-x',
        'c',
        '-',
        `-Wl,-soname,${name}`,
        '-o',
        path.join(own, name),
        ...links,
      ],
      { input: source },
    )
  compile('libno-gpu.so', [...symbols].map((name) => `int ${name}(void) { return 1; }`).join('\n'))
  for (const name of missing)
    compile(name, '', '-Wl,--no-as-needed', `-L${own}`, '-l:libno-gpu.so', '-Wl,-rpath,$ORIGIN')
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === import.meta.filename) installPeers()
