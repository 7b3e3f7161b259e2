/** A plan followed in the terminal until it is done or waits for people, and the plan that its flags ask for. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CallInput } from '../../src-shared/contract'
import { chainOf, chainRuns, type ChainRun } from '../../src-shared/plan-chain'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import { currentStep, type Plan, type PlannedStep } from '../../src-shared/records/plan'
import { StudioFailure } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import { byNameOrId } from './look-up'
import { exits, valueOf, type Exit } from './terminal'
import { count, table } from './text'
import { follow, type Following } from './train'

export interface PlanFlags {
  readonly from: string
  readonly prompts: string
  readonly demonstrations?: readonly string[]
  readonly pairs?: readonly string[]
  readonly label: string
  readonly policy: RecipeName
  readonly verdicts: string
  readonly set?: readonly string[]
  readonly name?: string
}

export async function startPlanCommand(flags: PlanFlags, following: Following): Promise<Exit> {
  const { api, terminal } = following
  const plan = valueOf(await api.call('plans.start', await planFrom(flags, api)))
  terminal.note(`Plan “${plan.name}” (${plan.id}): ${count(plan.steps.length)} steps.`)
  return followPlan(plan, following)
}

async function planFrom(flags: PlanFlags, api: Api): Promise<CallInput<'plans.start'>> {
  const models = valueOf(await api.call('checkpoints.list', {}))
  const steps = chainOf({
    from: byNameOrId(models, flags.from, '--from').id,
    prompts: await datasetId(api, flags.prompts, '--prompts'),
    demonstrations: await datasetIds(api, flags.demonstrations, '--demonstrations'),
    pairs: await datasetIds(api, flags.pairs, '--pairs'),
    judgments: wholeNumber(flags.label, '--label'),
    verdicts: wholeNumber(flags.verdicts, '--verdicts'),
    policy: flags.policy,
    settings: settingsIn(flags),
  })
  return { steps, ...(flags.name !== undefined && { name: flags.name }) }
}

async function datasetIds(api: Api, asked: readonly string[] = [], flag: string): Promise<readonly string[]> {
  const ids: string[] = []
  for (const each of asked) ids.push(await datasetId(api, each, flag))
  return ids
}

/** A file that is no dataset’s name is imported first. */
async function datasetId(api: Api, asked: string, flag: string): Promise<string> {
  const known = valueOf(await api.call('datasets.list', {}))
  if (!existsSync(asked) || known.some(({ id, name }) => id === asked || name === asked))
    return byNameOrId(known, asked, flag).id
  const importing = api.stream('datasets.import', { path: resolve(asked) }, new AbortController().signal)
  for await (const { done } of importing) if (done) return done.dataset.id
  throw new StudioFailure({ kind: 'refused-file', file: asked, problem: 'was not imported' })
}

function wholeNumber(text: string, field: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new StudioFailure({ kind: 'invalid-input', field, problem: 'must be a whole number' })
}

const isChainRun = (word: string | undefined): word is ChainRun => chainRuns.some((each) => each === word)

/** `sft.updates=20`: what is no number stays text, and the recipe’s own check says what is wrong with it. */
function settingsIn({
  set = [],
  policy,
}: PlanFlags): Partial<Record<ChainRun, Record<string, number | string>>> {
  const settings: Partial<Record<ChainRun, Record<string, number | string>>> = {}
  for (const each of set) {
    const [, step, name = '', value = ''] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(each) ?? []
    const recipe = step === 'sft' || step === 'reward' ? step : policy
    const field = isChainRun(step) ? recipeOf(recipe).fields[name] : undefined
    if (!isChainRun(step) || !field) {
      const named = chainRuns.join(', ')
      const problem = `must read like sft.learningRate=0.001, with ${named} and a setting; “${each}” does not`
      throw new StudioFailure({ kind: 'invalid-input', field: '--set', problem })
    }
    const isNumber = field.type === 'number' || field.type === 'integer'
    settings[step] = { ...settings[step], [name]: isNumber ? Number(value) : value }
  }
  return settings
}

/** Until it is done, waits for people, or cannot go on. */
export async function followPlan(started: Plan, following: Following): Promise<Exit> {
  const { api, terminal } = following
  const stream = new AbortController()
  let plan: Plan = started
  let followed: string | undefined
  let exit: Exit = exits.done
  try {
    for await (const plans of api.stream('plans.changes', {}, stream.signal)) {
      plan = plans.find(({ id }) => id === started.id) ?? plan
      const at = currentStep(plan)
      if (!at || plan.isStopped || at.state === 'waits' || at.state === 'held') break
      if (at.state !== 'under-way' || at.madeId === undefined || at.madeId === followed) continue
      followed = at.madeId
      const { run } = valueOf(await api.call('runs.show', { runId: at.madeId }))
      exit = await follow(run, run.step - 1, following)
      if (exit !== exits.done) break
    }
  } finally {
    stream.abort()
  }
  terminal.result({ kind: 'plan', plan }, planText)
  return exit !== exits.done ? exit : currentStep(plan)?.state === 'held' ? exits.failed : exits.done
}

const planText = ({ plan }: { readonly plan: Plan }): string => [stepsText(plan), nextText(plan)].join('\n')

/** A line a step. */
export const stepsText = ({ steps }: Plan): string =>
  table(
    ['', 'step', 'state', 'made', ''],
    steps.map((each, index) => [
      String(index + 1),
      titleOf(each),
      each.state.replace('-', ' '),
      each.madeId ?? '',
      each.goal === undefined ? '' : `${count(each.judged ?? 0)} of ${count(each.goal)}`,
    ]),
  )

const titleOf = ({ step }: PlannedStep): string =>
  step.kind === 'run' ? recipeOf(step.recipe).title : step.kind === 'label' ? 'Label' : 'Judge blind'

/** What a person does next, if anything. */
function nextText(plan: Plan): string {
  const at = currentStep(plan)
  if (!at) return 'All steps are done.'
  if (plan.isStopped) return `Stopped. \`studio plan resume ${plan.id}\` goes on.`
  if (at.state === 'held')
    return `${titleOf(at)} is held: ${at.problem ?? ''} \`studio plan resume ${plan.id}\` tries again.`
  if (at.state !== 'waits') return `\`studio plan work ${plan.id}\` goes on.`
  const how =
    at.step.kind === 'label' ? `\`studio label ${at.madeId ?? ''}\`` : 'Compare in the studio, Arena'
  return `It waits for people: ${how}; then \`studio plan work ${plan.id}\` goes on.`
}

export const plansText = (plans: readonly Plan[]): string =>
  plans.length === 0
    ? 'No plans yet. `studio plan start --help` shows how to make one.'
    : table(
        ['id', 'name', 'steps', 'stands at', 'state'],
        plans.map((plan) => {
          const at = currentStep(plan)
          const done = plan.steps.filter(({ state }) => state === 'done').length
          const state = plan.isStopped ? 'stopped' : (at?.state ?? 'done').replace('-', ' ')
          return [plan.id, plan.name, `${done} of ${plan.steps.length}`, at ? titleOf(at) : '', state]
        }),
      )
