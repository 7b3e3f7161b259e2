/** Which device computes, and with how many threads. */
import { ref } from 'vue'
import type { Device } from '../../../src-shared/records/device'
import type { Api } from '../../../src-shared/wire'

export type DeviceChoice = ReturnType<typeof useDeviceChoice>

export function useDeviceChoice(api: Api) {
  const devices = ref<readonly Device[]>()
  const deviceId = ref<string>()
  /** All there are, unless said. */
  const threads = ref<number>()

  async function loadDevices(): Promise<void> {
    const answer = await api.call('devices.list', {})
    if (answer.ok) devices.value = answer.value
  }
  void loadDevices()

  /** A number of threads belongs to its device. */
  function chooseDevice(id: string): void {
    deviceId.value = id
    threads.value = undefined
  }

  return { devices, deviceId, threads, chooseDevice }
}

/** The flags of a command that say where it computes; none for what is taken unless another is chosen. */
export const placeFlags = (device: string | undefined, threads: number | undefined): readonly string[] => [
  ...(device === undefined ? [] : [`--device ${device}`]),
  ...(threads === undefined ? [] : [`--threads ${threads}`]),
]
