/** What is wrong with a launch form, and what its run would take: asked of main as the form is filled in. */
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue'
import type { CallInput } from '../../../src-shared/contract'
import { type RecipeName, recipeOf } from '../../../src-shared/recipes/recipes'
import type { RunNeeds } from '../../../src-shared/records/run'
import { errorText, type FieldProblem, type StudioError } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'

export type LaunchRequest = CallInput<'runs.launch'>
export type LaunchCheck = ReturnType<typeof useCheck>

/** Main is asked this long after the last key. */
const checkAfterMs = 200

/** @param own what the form itself can say of its settings: while there is any, main is not asked */
export function useCheck(
  api: Api,
  request: ComputedRef<LaunchRequest>,
  own: ComputedRef<readonly FieldProblem[]>,
) {
  const { found, failure, refuse, forget } = useRefusal()
  const isChecked = ref(false)
  /** What the run would take of the memory, once it has no other problem. */
  const needs = ref<RunNeeds>()
  /** What the run should not be relied on for; it can start. */
  const warnings = ref<readonly FieldProblem[]>([])
  /** What the form can say at once, then what only main knows. */
  const problems = computed(() => [
    ...own.value,
    ...without([...found.value, ...(needs.value?.problems ?? [])], own.value),
  ])

  let checks = 0
  async function check(): Promise<void> {
    const mine = ++checks
    const sent = request.value
    if (own.value.length > 0) {
      found.value = inputProblems(sent.recipe, found.value)
      return
    }
    const answer = await api.call('runs.check', sent)
    if (mine !== checks || sent !== request.value) return
    isChecked.value = answer.ok
    if (!answer.ok) return refuse(answer.error)
    found.value = answer.value.problems
    needs.value = answer.value.needs
    warnings.value = answer.value.warnings ?? []
    failure.value = undefined
  }

  function outdate(): void {
    isChecked.value = false
    needs.value = undefined
    warnings.value = []
  }
  afterRest(request, { changed: outdate, rested: check })

  return { problems, needs, warnings, isChecked, failure, refuse, forget }
}

/** What main refused: at its field, or in a sentence where it belongs to none. */
function useRefusal() {
  const found = ref<readonly FieldProblem[]>([])
  const failure = ref<string>()

  function refuse(error: StudioError): void {
    if (error.kind === 'refused-settings') found.value = error.problems
    else if (error.kind === 'invalid-input')
      found.value = [{ field: lastPart(error.field), problem: error.problem }]
    else failure.value = errorText(error)
  }
  function forget(): void {
    found.value = []
    failure.value = undefined
  }
  return { found, failure, refuse, forget }
}

/** Calls `changed` with each change, and `rested` once none has come for a while. */
function afterRest(
  source: Ref<unknown>,
  { changed, rested }: { readonly changed: () => void; readonly rested: () => Promise<void> },
): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    source,
    () => {
      changed()
      clearTimeout(timer)
      timer = setTimeout(() => void rested(), checkAfterMs)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
}

const lastPart = (path: string): string => path.split('.').at(-1) ?? path

const without = (problems: readonly FieldProblem[], said: readonly FieldProblem[]): readonly FieldProblem[] =>
  problems.filter(({ field }) => !said.some((one) => one.field === field))

/** While a setting is refused here main is not asked; what it said of the inputs still holds. */
const inputProblems = (recipe: RecipeName, problems: readonly FieldProblem[]): readonly FieldProblem[] =>
  problems.filter((problem) => Object.hasOwn(recipeOf(recipe).inputs, problem.field))
