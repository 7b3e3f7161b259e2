/**
 * AdamW (Loshchilov & Hutter 2019, Algorithm 2) on a device, one tensor after the other: the formula of
 * `adamw.wat` as a graph of fourteen operators over flat numbers. Parameters, moments and gradients stay
 * where they are; six scalars go in with an update.
 */
import { flatModel, openDeviceSession, type DeviceModel, type DeviceSession } from './device-session'
import type { OptimizerSettings, OptimizerState } from '../engine'
import type { OnnxNode } from '../lower/onnx'
import { spansOf, type Parameters } from '../parameters'
import type { DeviceNumbers, Residence } from './resident'

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

interface Moments {
  readonly first: DeviceNumbers
  readonly second: DeviceNumbers
}

/** As in PyTorch's clip_grad_norm_: keeps the quotient finite. */
const CLIP_EPSILON = 1e-6

/** @param user keeps the parameters on the device */
export function createDeviceAdamW(
  parameters: Parameters,
  settings: OptimizerSettings,
  residence: Residence,
  user: object,
): DeviceAdamW {
  const spans = spansOf(parameters.spec)
  const moments = new Map<string, Moments>()
  let session: UpdateSession | undefined
  const { beta1, beta2, weightDecay, clipNorm } = settings
  let updates = 0

  function momentsOf(name: string, count: number): Moments {
    const known = moments.get(name) ?? {
      first: residence.upload(new Float32Array(count)),
      second: residence.upload(new Float32Array(count)),
    }
    moments.set(name, known)
    return known
  }

  function setMoments(name: string, next: Moments | undefined): void {
    const old = moments.get(name)
    old?.first.release()
    old?.second.release()
    if (next) moments.set(name, next)
    else moments.delete(name)
  }

  return {
    update(gradients, learningRate, norm) {
      session ??= openDeviceSession(updateModel(settings), { crossing: residence.crossing })
      updates++
      const uploaded: DeviceNumbers[] = []
      const scalar = (value: number) => {
        const numbers = residence.upload(Float32Array.of(value))
        uploaded.push(numbers)
        return numbers.as([1])
      }
      const clip = Math.min(1, clipNorm / (norm + CLIP_EPSILON))
      const scalars = {
        ofGradient: scalar((1 - beta1) * clip),
        ofSquare: scalar((1 - beta2) * clip ** 2),
        step: scalar(learningRate / (1 - beta1 ** updates)),
        correction: scalar(1 / Math.sqrt(1 - beta2 ** updates)),
      }
      const keepAll = scalar(1)
      const keepLess = scalar(1 - learningRate * weightDecay)
      for (const [name, gradient] of gradients) {
        const flat = [gradient.count]
        const { first, second } = momentsOf(name, gradient.count)
        const keep = settings.isDecayed(name, parameters.spec[name] ?? []) ? keepLess : keepAll
        const { P, M, V } = session.run({
          p: residence.of(parameters, name, user).as(flat),
          m: first.as(flat),
          v: second.as(flat),
          g: gradient.as(flat),
          keep,
          ...scalars,
        })
        residence.put(parameters, name, residence.adopt(P, session))
        setMoments(name, { first: residence.adopt(M, session), second: residence.adopt(V, session) })
        gradient.release()
      }
      for (const numbers of uploaded) numbers.release()
    },
    updates: () => updates,
    state() {
      const firstMoment = new Float32Array(parameters.count)
      const secondMoment = new Float32Array(parameters.count)
      for (const { name, start } of spans) {
        const held = moments.get(name)
        if (!held) continue
        firstMoment.set(residence.download(held.first), start)
        secondMoment.set(residence.download(held.second), start)
      }
      return { updates, firstMoment, secondMoment }
    },
    restore(state) {
      if (state.firstMoment.length !== parameters.count || state.secondMoment.length !== parameters.count) {
        throw new Error(
          `the optimizer's state is of ${state.firstMoment.length} numbers, the model has ` +
            `${parameters.count}`,
        )
      }
      for (const { name, start, end } of spans) {
        setMoments(name, {
          first: residence.upload(state.firstMoment.subarray(start, end)),
          second: residence.upload(state.secondMoment.subarray(start, end)),
        })
      }
      updates = state.updates
    },
    dispose() {
      for (const { name } of spans) setMoments(name, undefined)
      session?.dispose()
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
