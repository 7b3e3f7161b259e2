/**
 * What goes wrong with a device rather than with a program: its memory is full, its driver let go of it, its
 * library does not load. The message is a sentence for people.
 */

export class DeviceFailure extends Error {
  override readonly name = 'DeviceFailure'
}

function noCard(platform: string): string {
  return platform === 'linux'
    ? 'No graphics card answers through Vulkan: its driver or the Vulkan loader (libvulkan1) is not ' +
        'installed.'
    : 'No graphics card answers.'
}

/** What drivers and libraries say, and what it means. The first that fits holds. */
const meanings: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [
    /OOM when allocating|out of (device |video |host )?memory|OUT_OF_(DEVICE_|HOST_)?MEMORY|bad_alloc|[Ff]ailed to allocate|Array buffer allocation failed|could not allocate memory|CUDA failure 2\b/i,
    'The memory of the device is full.',
  ],
  [
    /exceeds the max(imum)? (buffer|storage)|larger than the max\w*(Buffer|Binding)/i,
    'A tensor is larger than the device takes in one piece.',
  ],
  [/No supported adapters|Failed to get a WebGPU adapter/i, noCard(process.platform)],
  [
    /[Ff]ailed to load (shared )?library/,
    'Libraries of ONNX Runtime for this device are not installed, or something they need is not.',
  ],
  [
    /device (is|was) lost|lost device|device lost|DEVICE_LOST|DEVICE_(REMOVED|HUNG|RESET)|CUDA failure (46|74|214|719|999)\b|device instance .*gone/i,
    'The device was lost: its driver stopped, it was unplugged, or it was reset.',
  ],
]

/** Runs work of a device. @throws DeviceFailure for what is the device's fault, everything else as it is */
export function deviceFailure<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw failureOf(error)
  }
}

export function failureOf(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error)
  const sentence = meanings.find(([pattern]) => pattern.test(message))?.[1]
  return sentence === undefined ? error : new DeviceFailure(sentence, { cause: error })
}
