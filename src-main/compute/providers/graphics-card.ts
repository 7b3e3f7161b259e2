/**
 * What the graphics card is called and how much memory it has, as the system says: ONNX Runtime tells
 * neither. Only for people to read; nothing depends on it.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface GraphicsCard {
  readonly name: string
  readonly memoryBytes?: number
}

const run = promisify(execFile)
const patienceMs = 5000

async function outputOf(program: string, args: readonly string[]): Promise<string> {
  return (await run(program, args, { timeout: patienceMs, windowsHide: true })).stdout
}

/** @returns the card a GPU program would run on; undefined where nobody says */
export async function findGraphicsCard(
  platform: string = process.platform,
): Promise<GraphicsCard | undefined> {
  const software = softwareVulkan(process.env)
  if (software) return software
  try {
    if (platform === 'darwin')
      return cardOfMac(await outputOf('system_profiler', ['-json', 'SPDisplaysDataType']), totalmem())
    if (platform === 'win32')
      return cardOfWindows(await outputOf('powershell', ['-NoProfile', '-Command', windowsQuestion]))
    return (await nvidiaCard()) ?? cardInSysfs('/sys/class/drm')
  } catch {
    return undefined
  }
}

/** A processor that plays the GPU, chosen by the variables of the Vulkan loader. */
export function softwareVulkan(
  environment: Readonly<Record<string, string | undefined>>,
): GraphicsCard | undefined {
  const driver = environment['VK_DRIVER_FILES'] ?? environment['VK_ICD_FILENAMES'] ?? ''
  if (/swiftshader/i.test(driver)) return { name: 'SwiftShader (the CPU)' }
  return /lvp|lavapipe/i.test(driver) ? { name: 'lavapipe (the CPU)' } : undefined
}

async function nvidiaCard(): Promise<GraphicsCard | undefined> {
  try {
    return cardOfNvidia(
      await outputOf('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits']),
    )
  } catch {
    return undefined // no NVIDIA driver
  }
}

/** "NVIDIA GeForce RTX 4090, 24564": mebibytes. */
export function cardOfNvidia(output: string): GraphicsCard | undefined {
  const [, name, mebibytes] = /^(.+), (\d+)\s*$/m.exec(output) ?? []
  return name === undefined ? undefined : { name, memoryBytes: Number(mebibytes) * 2 ** 20 }
}

/** The numbers PCI-SIG gave to makers. */
const makers: Readonly<Record<string, string>> = { '0x1002': 'AMD', '0x10de': 'NVIDIA', '0x8086': 'Intel' }

/** @param folder /sys/class/drm: a folder a card, with what its driver says in files */
export function cardInSysfs(folder: string): GraphicsCard | undefined {
  const cards = readdirSync(folder)
    .filter((name) => /^card\d+$/.test(name))
    .map((name) => join(folder, name, 'device'))
  for (const card of cards) {
    const maker = makers[textIn(card, 'vendor') ?? '']
    const memoryBytes = Number(textIn(card, 'mem_info_vram_total') ?? NaN)
    if (maker)
      return {
        name: `${maker} ${textIn(card, 'device') ?? ''}`.trim(),
        ...(memoryBytes > 0 && { memoryBytes }),
      }
  }
  return undefined
}

function textIn(folder: string, file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), 'utf8').trim()
  } catch {
    return undefined
  }
}

/** A Mac's GPU uses the machine's memory. */
export function cardOfMac(json: string, machineBytes: number): GraphicsCard | undefined {
  const { SPDisplaysDataType: cards = [] } = JSON.parse(json) as {
    readonly SPDisplaysDataType?: readonly { readonly sppci_model?: string }[]
  }
  const name = cards[0]?.sppci_model
  return name === undefined ? undefined : { name, memoryBytes: machineBytes }
}

// Only version 7 of PowerShell writes a list of one as a list.
const windowsQuestion =
  'Get-ItemProperty ' +
  '"HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}\\0*" ' +
  '-ErrorAction SilentlyContinue | Select-Object ' +
  'DriverDesc,@{n="Bytes";e={$_."HardwareInformation.qwMemorySize"}} | ConvertTo-Json'

interface WindowsCard {
  readonly DriverDesc?: string
  readonly Bytes?: number | null
}

/** Of several the one with most memory: beside it the built-in one is idle. */
export function cardOfWindows(json: string): GraphicsCard | undefined {
  const parsed = JSON.parse(json) as WindowsCard | readonly WindowsCard[]
  const best = [parsed]
    .flat()
    .filter(({ DriverDesc }) => DriverDesc !== undefined)
    .sort((a, b) => (b.Bytes ?? 0) - (a.Bytes ?? 0))[0]
  return best?.DriverDesc === undefined
    ? undefined
    : { name: best.DriverDesc, ...(best.Bytes ? { memoryBytes: best.Bytes } : {}) }
}
