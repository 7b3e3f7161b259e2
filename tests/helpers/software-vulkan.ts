/**
 * A GPU for tests: the software Vulkan of Debian's chromium, through the Vulkan loader of the system
 * (libvulkan1) or the one that lies beside it, brought into this process before ONNX Runtime looks for one.
 * Where it is not, the machine's own Vulkan is taken, and where that is not either, there is a reason to skip.
 */
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { probeDevice } from '../../src-main/compute/providers/probe'

const loader = '/usr/lib/chromium/libvulkan.so.1'
const driver = '/usr/lib/chromium/vk_swiftshader_icd.json'
/** dlopen's: the library stays when the handle is closed, and is found by its name from then on. */
const RTLD_NODELETE = 0x1000

/** @returns undefined when WebGPU works here */
export async function whyNoWebgpu(): Promise<string | undefined> {
  if (process.platform === 'linux' && existsSync(driver)) bringIn()
  try {
    return (await probeDevice('webgpu')).whyNot
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function bringIn(): void {
  process.env['VK_ICD_FILENAMES'] = driver
  if (!existsSync(loader)) return
  try {
    process.dlopen(
      { exports: {} },
      loader,
      constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE,
    )
  } catch {
    // Node says that it is no module of its own, which is true; it is loaded.
  }
}
