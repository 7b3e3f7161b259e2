// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useRoomActions } from '../../../src-renderer/composables/actions'
import { useAnnotator } from '../../../src-renderer/composables/annotator'
import CompareView from '../../../src-renderer/views/CompareView.vue'
import type { CallInput } from '../../../src-shared/contract'
import type { Arena, ArenaState, RatedPair } from '../../../src-shared/records/arena'
import type { Comparison, LabelProgress } from '../../../src-shared/records/comparison'
import type { Verdict } from '../../../src-shared/records/judgment'
import { StudioFailure } from '../../../src-shared/result'
import { aCheckpoint, aDataset } from '../../../src-renderer/dev/records'
import { plainLabelling } from '../../../src-shared/records/labelling'
import { aRoom, type Room } from '../../helpers/a-room'
import { channel, fakeApi, settled } from '../../helpers/fake-api'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 64, seed: 7 }
const names = ['before', 'after', 'later']
const contenders = names.map((name) => ({ checkpointId: name, name, sampling, isDrawn: true }))
const arena: Arena = {
  ...{
    id: 'a',
    datasetId: 'd',
    name: 'Before and after',
    checkpointId: 'before',
    promptDatasetId: 'p',
    sampling,
  },
  ...{ goal: 9, guidance: 'The happier one.', createdAtMs: 0, contenders, labelling: plainLabelling },
}
const comparison = (place: number): Comparison => ({
  ...{ id: `c${place}`, queueId: 'a', place, prompt: `Write about thing ${place}:` },
  left: { text: `L ${place}`, tokens: 3, hasEnded: true },
  right: { text: `R ${place}`, tokens: 4, hasEnded: true },
})
const pair = (one: number, other: number, points: number, half: number): RatedPair => ({
  ...{ one, other, points: { value: points, low: points - half, high: points + half }, chance: 0.9 },
  isHeldByPrior: false,
  ...(half > Math.abs(points) && { moreNeeded: 140 }),
  direct: { judged: 40, winShare: { value: 0.6, low: 0.45, high: 0.73 }, moreTokens: 5 },
  atEqualLength: { value: 0.55, low: 0.4, high: 0.7 },
})
const rated: NonNullable<ArenaState['ratings']> = {
  ...{ judged: 60, isHeldByPrior: false },
  pairs: [pair(0, 1, -45, 70), pair(0, 2, -204, 80), pair(1, 2, -160, 90)],
}

interface Given {
  readonly arenas?: readonly Arena[]
  readonly made?: number
  readonly problem?: string
  readonly ratings?: ArenaState['ratings']
  readonly fails?: boolean
}

function main({ arenas = [arena], made = 9, problem, ratings, fails = false }: Given = {}) {
  const judged: { readonly verdict: Verdict; readonly annotator?: string; readonly id: string }[] = []
  const all = Array.from({ length: made }, (_, i) => comparison(i + 1))
  const open = (holding: readonly string[]) =>
    all.filter(({ id }) => !judged.some((one) => one.id === id) && !holding.includes(id))
  const progress = (): LabelProgress => ({
    ...{
      judged: judged.length,
      goal: arena.goal,
      pairs: judged.length,
      ahead: made - judged.length,
      recent: [],
    },
    ...(problem !== undefined && { problem }),
  })
  const state = (): ArenaState => ({
    contenders: contenders.map(() => ({ judged: judged.length, won: 0, tied: 0, lost: 0, bothBad: 0 })),
    ...{ judges: [], pairs: [], judged: ratings ? 60 : judged.length, annotators: 1 },
    ...(ratings && { ratings }),
    ...(judged.length > 0 && {
      last: { place: judged.length, verdict: judged.at(-1)!.verdict, left: 1, right: 0 },
    }),
  })
  const states = channel(state)
  const drawn: (readonly number[])[] = []
  const asked: CallInput<'arena.create'>[] = []
  const api = fakeApi({
    calls: {
      'arena.list': () => {
        if (fails) throw new StudioFailure({ kind: 'storage', problem: 'The registry cannot be read.' })
        return arenas
      },
      'arena.create': (input) => {
        asked.push(input)
        return arena
      },
      'arena.draw': (input) => {
        drawn.push(input.drawn)
        return {
          ...arena,
          contenders: contenders.map((each, index) => ({ ...each, isDrawn: input.drawn.includes(index) })),
        }
      },
      'labels.next': ({ count, holding }) => open(holding).slice(0, count),
      'labels.judge': ({ comparisonId, verdict, annotator, holding }) => {
        if (verdict !== 'answer') judged.push({ id: comparisonId, verdict, ...(annotator && { annotator }) })
        states.push(state())
        const [next] = open(holding)
        return { progress: progress(), ...(next && { next }) }
      },
      'labels.undo': () => {
        const last = judged.pop()
        return { progress: progress(), ...(last && { comparison: all.find(({ id }) => id === last.id)! }) }
      },
    },
    streams: {
      'labels.watch': channel(progress).items,
      'arena.watch': states.items,
      'datasets.watch': channel(() => [aDataset({ id: 'p', name: 'Prompts', kind: 'prompts', rows: 3 })])
        .items,
      'checkpoints.watch': channel(() => names.map((name) => aCheckpoint({ id: name, name }))).items,
    },
  })
  return { api, judged, drawn, asked }
}

let room: Room
beforeEach(() => {
  localStorage.clear()
  useAnnotator().value = ''
})
afterEach(() => room.leave())
async function enter(given?: Given) {
  const studio = main(given)
  room = await aRoom(CompareView, studio.api, '/compare?mode=arena')
  return studio
}
const text = (selector: string) => room.view.get(selector).text().replace(/\s+/g, ' ')

describe('the arena', () => {
  it('shows a pair without a name, and who wrote it after the verdict', async () => {
    await enter()
    expect(room.view.findAll('article').map((card) => card.text())).toEqual([
      'Left1L 13 tokensended by itself',
      'Right2R 14 tokensended by itself',
    ])
    expect(room.view.get('.bench').text()).not.toMatch(/before|after/)
    await room.press('1')
    expect(text('.lastline')).toBe('1Left was afterright was beforeYou said left.')
    expect(text('.ask')).toContain('thing 2')
  })

  it('takes the verdicts of Label by the same keys, and takes the last one back', async () => {
    const { judged } = await enter()
    for (const key of ['1', 't', '2', 'b', 's']) await room.press(key)
    expect(judged.map(({ verdict }) => verdict)).toEqual(['left', 'tie', 'right', 'both-bad', 'skip'])
    await room.press('z')
    expect(judged).toHaveLength(4)
    expect(text('.ask')).toContain('thing 5')
  })

  it('does not judge twice while a key is held down', async () => {
    const { judged } = await enter()
    await room.press('1')
    await room.press('1', { repeat: true })
    expect(judged).toHaveLength(1)
  })

  it('sends the name that was given with each judgment, and keeps it', async () => {
    const { judged } = await enter()
    await room.view.get('.annotator input').setValue('  Ada ')
    await room.press('1')
    ;(document.activeElement as HTMLElement | null)?.blur()
    await room.press('2')
    expect(judged.map(({ annotator }) => annotator)).toContain('Ada')
    expect(localStorage.getItem('studio-annotator')).toBe('"  Ada "')
  })

  it('shows differences to a baseline with their intervals and counts, and no winner while one holds 0', async () => {
    await enter({ ratings: rated })
    const rows = () =>
      room.view.findAll('.differences tbody tr').map((row) => row.text().replace(/\s+/g, ' '))
    expect(rows()).toEqual(['later+204+124 to +2840', 'after+45−25 to +1150', 'before0baseline0'])
    expect(room.view.findAll('.forest i').map((dot) => dot.classes())).toEqual([[], ['open'], ['fixed']])
    expect(text('.advice')).toContain('About 140 more to tell after from before')
    await room.view.get('select.base').setValue('1')
    expect(rows()[0]).toBe('later+160+70 to +2500')
    expect(room.view.find('.advice').exists()).toBe(true)
  })

  it('draws only the two that are not told apart yet, and all again, by one key', async () => {
    const { drawn } = await enter({ ratings: rated })
    await room.press('o')
    expect(drawn).toEqual([[0, 1]])
    expect(text('.differences')).toContain('rests')
    await room.press('o')
    expect(drawn).toEqual([
      [0, 1],
      [0, 1, 2],
    ])
  })

  it('makes the chosen row the baseline, and goes to Label with its checkpoint and the prompts', async () => {
    await enter({ ratings: rated })
    room.view.get<HTMLElement>('tr[data-contender="2"]').element.focus()
    await room.press('p')
    expect((room.view.get('select.base').element as HTMLSelectElement).value).toBe('2')
    room.view.get<HTMLElement>('tr[data-contender="1"]').element.focus()
    await room.press('l')
    expect(room.router.currentRoute.value).toMatchObject({
      name: 'label',
      query: { writer: 'after', prompts: 'p' },
    })
  })

  it('has every act in the palette while it can be done', async () => {
    await enter({ ratings: rated })
    const titles = useRoomActions().value.map(({ title }) => title)
    for (const title of [
      'Left better',
      'Both bad',
      'Undo my last verdict',
      'New arena',
      'Hold all against later',
    ])
      expect(titles).toContain(title)
    room.leave()
    expect(useRoomActions().value).toEqual([])
    await enter({ arenas: [] })
    expect(useRoomActions().value.map(({ title }) => title)).not.toContain('Left better')
  })

  it('warns where there is too little to go by, and where a prior alone holds the ratings', async () => {
    await enter({ ratings: { ...rated, isHeldByPrior: true } })
    expect(text('.standings .alarm')).toContain('Somebody has won or lost everything')
  })

  it('says why no more pairs come', async () => {
    await enter({ made: 0, problem: 'Every two of the checkpoints have met on every prompt.' })
    expect(text('.bench .alarm')).toContain('have met on every prompt')
  })

  it('says what failed, when arenas cannot be read', async () => {
    await enter({ fails: true })
    expect(text('[role=alert]')).toBe('The registry cannot be read.')
  })

  it('offers its form while there is none, with two checkpoints chosen', async () => {
    await enter({ arenas: [] })
    expect(text('form')).toContain('before + after')
  })

  it('lets checkpoints meet at several temperatures, and says what is wrong with them', async () => {
    const { asked } = await enter({ arenas: [] })
    const field = room.view.get('#arena-temperatures')
    await field.setValue('0.5, warm')
    await room.view.get('form').trigger('submit')
    expect(text('#arena-temperatures-problem')).toContain('must be numbers between 0 and 10')
    await field.setValue('0.5, 0.7, 0.8, 0.9')
    expect(text('form')).toContain('make 10 with the other temperatures')
    expect(asked).toEqual([])
    await field.setValue('0.5')
    await room.view.get('form').trigger('submit')
    await settled(20)
    expect(asked[0]!.contenders.map((one) => `${one.checkpointId} ${one.sampling.temperature}`)).toEqual([
      ...['before 1', 'before 0.5', 'after 1', 'after 0.5'],
    ])
  })

  it('is where one comes back to: the way of Compare and the baseline survive a reload', async () => {
    await enter({ ratings: rated })
    await room.view.get('select.base').setValue('2')
    room.leave()
    room = await aRoom(CompareView, main({ ratings: rated }).api, '/compare')
    expect((room.view.get('select.base').element as HTMLSelectElement).value).toBe('2')
  })
})
