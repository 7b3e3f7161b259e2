/** `studio team …`: who labels through the team's server, what they may, what they did; beside a server that runs. */
import type { Command } from 'commander'
import type { AuditRow, Member } from '../../../src-shared/records/team'
import { listQueues } from '../../store/queues'
import { auditIn, readAudit } from '../../team/audit'
import { people, roleOf, type People } from '../../team/people'
import { teamFolder } from '../../team/team-folder'
import { byNameOrId } from '../look-up'
import type { Workplace } from '../surroundings'
import { table } from '../text'

interface Added {
  readonly role: string
  readonly queue?: readonly string[]
}

export function addTeam(program: Command, workplace: Workplace): void {
  const { terminal } = workplace
  const team = program
    .command('team')
    .description('Who labels through `studio serve --team`, and what they did.')
  const open = () => openTeam(workplace)

  team
    .command('add')
    .description(
      'Let somebody label. Their token is shown once: it lets one browser in, once, within seven days.',
    )
    .argument('<name>', 'As it will stand at their judgments.')
    .option(
      '--role <role>',
      'annotator: the queues that are given; lead: all, with agreement and export.',
      'annotator',
    )
    .option('--queue <queue...>', 'Names or ids of queues to give.')
    .action(async (name: string, { role, queue = [] }: Added) => {
      const { members, told } = open()
      const queues = await queueIds(workplace, queue)
      const token = members.add({ name, role: roleOf(role), queues })
      told('team add', name)
      terminal.result({ name: name.trim(), role, queues, token }, (made) => linkText(made.name, made.token))
    })
  addLink(team, workplace)
  addLooking(team, workplace)
}

function addLink(team: Command, workplace: Workplace): void {
  const { terminal } = workplace
  const open = () => openTeam(workplace)
  team
    .command('link')
    .description('Another token, for another browser of somebody.')
    .argument('<name>', 'Of the team.')
    .action((name: string) => {
      const { members, told } = open()
      const token = members.invite(name)
      told('team link', name)
      terminal.result({ name, token }, (made) => linkText(made.name, made.token))
    })
  team
    .command('give')
    .description('Say which queues somebody may judge, instead of those before.')
    .argument('<name>', 'Of the team.')
    .argument('[queue...]', 'Names or ids; none takes all back.')
    .action(async (name: string, queues: readonly string[]) => {
      const { members, told } = open()
      const given = members.give(name, await queueIds(workplace, queues))
      told('team give', name)
      terminal.result(given, memberText)
    })
}

function addLooking(team: Command, workplace: Workplace): void {
  const { terminal } = workplace
  team
    .command('list')
    .description('Who belongs to the team.')
    .action(() =>
      terminal.result(openTeam(workplace).members.list(), (all) =>
        all.length === 0 ? 'Nobody yet. `studio team add NAME` begins it.' : all.map(memberText).join('\n'),
      ),
    )
  team
    .command('remove')
    .description('Show somebody out: at once, also where they are connected. Their judgments stay.')
    .argument('<name>', 'Of the team.')
    .action((name: string) => {
      const { members, told } = openTeam(workplace)
      members.remove(name)
      told('team remove', name)
      terminal.result({ name }, () => `“${name}” is out. What they judged stays.`)
    })
  team
    .command('audit')
    .description('Who did what and when; of texts it keeps none.')
    .option('--of <name>', 'Of one person.')
    .action(({ of }: { readonly of?: string }) => {
      const rows = readAudit(teamFolder(workplace.registry()).path)
      terminal.result(
        rows.filter(({ who, about }) => of === undefined || who === of || about === of),
        auditText,
      )
    })
}

function openTeam({ registry, around }: Workplace) {
  const folder = teamFolder(registry())
  const audit = auditIn(folder.path, around.now)
  const members: People = people(folder, around.now)
  const told = (did: string, about: string): void =>
    audit({ who: 'owner', role: 'owner', did, about, outcome: 'done' })
  return { members, told }
}

async function queueIds({ reading }: Workplace, asked: readonly string[]): Promise<readonly string[]> {
  if (asked.length === 0) return []
  let ids: readonly string[] = []
  await reading((db) => {
    const all = listQueues(db)
    ids = asked.map((each) => byNameOrId(all, each, 'queue').id)
  })
  return ids
}

const linkText = (name: string, token: string): string =>
  `“${name}” joins with this, once, at the team’s address:\n  ADDRESS/#token=${token}\nIt is kept nowhere: send it ` +
  'now, as you would send a password. Lost or used: `studio team link` makes another.'

const memberText = ({ name, role, queues }: Member): string =>
  `${name}, ${role}${role === 'annotator' ? `: ${queues.join(', ') || 'no queue was given yet'}` : ''}`

const auditText = (rows: readonly AuditRow[]): string =>
  rows.length === 0
    ? 'Nothing was done yet.'
    : table(
        ['when', 'who', 'role', 'did', 'about', 'from', 'outcome'],
        rows.map(({ atMs, who, role, did, about = '', from = '', outcome }) => [
          new Date(atMs).toISOString().slice(0, 19),
          ...[who, role, did, about, from, outcome],
        ]),
      )
