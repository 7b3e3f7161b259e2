/**
 * AdamW (Loshchilov & Hutter 2019, Algorithm 2) on a device, one tensor after the other: the formula of
 * `adamw.wat` as a graph of fourteen operators over flat numbers. Parameters, moments and gradients stay
 * where they are; six scalars go in with an update.
 */
import type { Tensor } from 'onnxruntime-node'
import { checkFits, CLIP_EPSILON } from '../training/adamw'
import { flatModel, openDeviceSession, type DeviceModel, type DeviceSession } from './device-session'
import type { OptimizerSettings, OptimizerState } from '../engine'
import type { OnnxNode } from '../lower/onnx'
import type { Parameters } from '../parameters'
import { createMoments, type DeviceMoments } from './device-moments'
import type { DeviceNumbers } from './device-numbers'
import type { Residence } from './resident'

export interface DeviceAdamW {
  /**
   * Clips and applies the gradients, and lets them go.
   * @param norm of all of them together, before clipping
   */
  update(gradients: ReadonlyMap<string, DeviceNumbers>, learningRate: number, norm: number): void
  /** How many updates were applied. */
  updates(): number
  state(): OptimizerState
  /** @throws when the state is of another model */
  restore(state: OptimizerState): void
  dispose(): void
}

/** @param user keeps the parameters on the device */
export function createDeviceAdamW(
  parameters: Parameters,
  settings: OptimizerSettings,
  residence: Residence,
  user: object,
): DeviceAdamW {
  const moments = createMoments(parameters, residence)
  const apply = applying({ parameters, isDecayed: settings.isDecayed, residence, user, moments })
  let session: UpdateSession | undefined
  let updates = 0
  return {
    update(gradients, learningRate, norm) {
      session ??= openDeviceSession(updateModel(settings), { crossing: residence.crossing })
      updates++
      const { scalars, release } = uploaded(residence, updateScalars(settings, learningRate, norm, updates))
      for (const [name, gradient] of gradients) apply(session, name, gradient, scalars)
      release()
    },
    updates: () => updates,
    state: () => ({ updates, ...moments.download() }),
    restore(state) {
      checkFits(state, parameters)
      moments.upload(state)
      updates = state.updates
    },
    dispose() {
      moments.dispose()
      session?.dispose()
    },
  }
}

/** What a gradient is applied to. */
interface Applying {
  readonly parameters: Parameters
  readonly isDecayed: OptimizerSettings['isDecayed']
  readonly residence: Residence
  readonly user: object
  readonly moments: DeviceMoments
}

/** @returns applies one gradient, and lets it go */
function applying({
  parameters,
  isDecayed,
  residence,
  user,
  moments,
}: Applying): (on: UpdateSession, name: string, gradient: DeviceNumbers, scalars: UpdateScalars) => void {
  return (on, name, gradient, scalars) => {
    const flat = [gradient.count]
    const { first, second } = moments.at(name, gradient.count)
    const { keepAll, keepDecayed, ...others } = scalars
    const { P, M, V } = on.run({
      p: residence.numbersOf(parameters, name, user).as(flat),
      m: first.as(flat),
      v: second.as(flat),
      g: gradient.as(flat),
      keep: isDecayed(name, parameters.spec[name] ?? []) ? keepDecayed : keepAll,
      ...others,
    })
    residence.put(parameters, name, residence.adopt(P, on))
    moments.set(name, { first: residence.adopt(M, on), second: residence.adopt(V, on) })
    gradient.release()
  }
}

/** The numbers of an update that are the same for every tensor; of the last two each takes one. */
const updateScalars = (
  { beta1, beta2, weightDecay, clipNorm }: OptimizerSettings,
  learningRate: number,
  norm: number,
  update: number,
) => {
  const clip = Math.min(1, clipNorm / (norm + CLIP_EPSILON))
  return {
    ofGradient: (1 - beta1) * clip,
    ofSquare: (1 - beta2) * clip ** 2,
    step: learningRate / (1 - beta1 ** update),
    correction: 1 / Math.sqrt(1 - beta2 ** update),
    keepAll: 1,
    keepDecayed: 1 - learningRate * weightDecay,
  }
}
type UpdateScalars = Readonly<Record<keyof ReturnType<typeof updateScalars>, Tensor>>

/** Sends the scalars to the device, for as long as an update takes. */
function uploaded(residence: Residence, values: ReturnType<typeof updateScalars>) {
  const numbers = Object.entries(values).map(
    ([name, value]) => [name, residence.upload(Float32Array.of(value))] as const,
  )
  return {
    scalars: Object.fromEntries(numbers.map(([name, scalar]) => [name, scalar.as([1])])) as UpdateScalars,
    release() {
      for (const [, scalar] of numbers) scalar.release()
    },
  }
}

type UpdateInput = 'p' | 'm' | 'v' | 'g' | 'ofGradient' | 'ofSquare' | 'step' | 'correction' | 'keep'
type UpdateOutput = 'P' | 'M' | 'V'
type UpdateSession = DeviceSession<UpdateInput, UpdateOutput>

/**
 * With g the unclipped gradient:
 *   M = beta1·m + ofGradient·g        V = beta2·v + ofSquare·g²
 *   P = p·keep − step·M / (√V·correction + epsilon)
 */
function updateModel({ beta1, beta2, epsilon }: OptimizerSettings): DeviceModel<UpdateInput, UpdateOutput> {
  const node = (op: string, inputs: readonly string[], output: string): OnnxNode => ({
    op,
    domain: '',
    inputs,
    outputs: [output],
    attributes: {},
  })
  const nodes = [
    node('Mul', ['m', 'beta1'], 'oldFirst'),
    node('Mul', ['g', 'ofGradient'], 'newFirst'),
    node('Add', ['oldFirst', 'newFirst'], 'M'),
    node('Mul', ['g', 'g'], 'square'),
    node('Mul', ['square', 'ofSquare'], 'newSecond'),
    node('Mul', ['v', 'beta2'], 'oldSecond'),
    node('Add', ['oldSecond', 'newSecond'], 'V'),
    node('Sqrt', ['V'], 'root'),
    node('Mul', ['root', 'correction'], 'corrected'),
    node('Add', ['corrected', 'epsilon'], 'divisor'),
    node('Mul', ['M', 'step'], 'stepped'),
    node('Div', ['stepped', 'divisor'], 'change'),
    node('Mul', ['p', 'keep'], 'kept'),
    node('Sub', ['kept', 'change'], 'P'),
  ]
  return flatModel(
    nodes,
    ['p', 'm', 'v', 'g', 'ofGradient', 'ofSquare', 'step', 'correction', 'keep'],
    { P: true, M: true, V: true },
    { beta1, beta2, epsilon },
  )
}
