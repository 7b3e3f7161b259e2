/** `studio plan …`: the whole chain from demonstrations to a judged policy, begun, followed and gone on with. */
import { Option, type Command } from 'commander'
import { chainPolicies, chainRuns } from '../../../src-shared/plan-chain'
import type { Plan } from '../../../src-shared/records/plan'
import type { Api } from '../../../src-shared/wire'
import { listPlans } from '../../runs/plan-standing'
import { byNameOrId } from '../look-up'
import { followPlan, plansText, startPlanCommand, stepsText, type PlanFlags } from '../plan'
import type { Workplace } from '../surroundings'
import { exits, valueOf } from '../terminal'
import { followingFrom } from '../train'

export function addPlan(program: Command, workplace: Workplace): void {
  const { reading, terminal } = workplace
  const plan = program
    .command('plan')
    .description('List the plans: runs and rounds of judging, one after the other.')
    .action(() => reading((db) => terminal.result(listPlans(db), plansText)))
  addStart(plan, workplace)
  plan
    .command('show')
    .description('The steps of a plan.')
    .argument('<plan>', 'Name or id.')
    .action((asked: string) =>
      reading((db) => terminal.result(byNameOrId(listPlans(db), asked, 'PLAN'), stepsText)),
    )
  for (const row of goings) addGoing(plan, row, workplace)
}

function addStart(plan: Command, workplace: Workplace): void {
  plan
    .command('start')
    .description('Fine-tune, label, train a reward model, optimise, judge blind: each step begins by itself.')
    .requiredOption('--from <model>', 'The language model to begin with: name or id.')
    .requiredOption('--prompts <dataset>', 'What is written on from: a dataset, or a file that is imported.')
    .option('--demonstrations <datasets...>', 'What to fine-tune on first; datasets or files.')
    .option('--pairs <datasets...>', 'Preference pairs that are there; datasets or files.')
    .option('--label <judgments>', 'How many judgments to wait for; 0 for none.', '50')
    .addOption(new Option('--policy <recipe>', 'What optimises.').choices([...chainPolicies]).default('ppo'))
    .option('--verdicts <number>', 'How many blind verdicts to wait for in the end; 0 for none.', '50')
    .option(
      '--set <settings...>',
      `Settings of ${chainRuns.join(', ')}: sft.epochs=1 policy.updates=50; else the recipe’s own.`,
    )
    .option('--name <name>', 'Name of the plan.')
    .action((flags: PlanFlags) =>
      workplace.writing((api) => startPlanCommand(flags, followingFrom(api, workplace))),
    )
}

interface Going {
  readonly name: string
  readonly doc: string
  readonly act: (api: Api, plan: Plan) => Promise<Plan>
  /** Whether it is followed from there. */
  readonly goesOn: boolean
}

const goings: readonly Going[] = [
  {
    name: 'work',
    doc: 'Go on until the plan is done or waits for people.',
    goesOn: true,
    act: async (api, { id }) => byNameOrId(valueOf(await api.call('plans.work', {})), id, 'PLAN'),
  },
  {
    name: 'resume',
    doc: 'Go on where it was stopped or held, and try that step again.',
    goesOn: true,
    act: async (api, { id }) => valueOf(await api.call('plans.resume', { planId: id })),
  },
  {
    name: 'enough',
    doc: 'Go on with what there is of the step it stands at: fewer judgments, a run that was stopped.',
    goesOn: true,
    act: async (api, { id }) => valueOf(await api.call('plans.enough', { planId: id })),
  },
  {
    name: 'stop',
    doc: 'Begin nothing more of it.',
    goesOn: false,
    act: async (api, { id }) => valueOf(await api.call('plans.stop', { planId: id })),
  },
  {
    name: 'remove',
    doc: 'Forget the plan; what it has made stays.',
    goesOn: false,
    act: async (api, plan) => {
      valueOf(await api.call('plans.remove', { planId: plan.id }))
      return plan
    },
  },
]

function addGoing(plan: Command, { name, doc, act, goesOn }: Going, workplace: Workplace): void {
  plan
    .command(name)
    .description(doc)
    .argument('<plan>', 'Name or id.')
    .action((asked: string) =>
      workplace.writing(async (api) => {
        const found = byNameOrId(valueOf(await api.call('plans.list', {})), asked, 'PLAN')
        const now = await act(api, found)
        if (goesOn) return followPlan(now, followingFrom(api, workplace))
        workplace.terminal.result(now, stepsText)
        return exits.done
      }),
    )
}
