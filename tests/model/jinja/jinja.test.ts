import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compiled } from '../../../src-main/model/jinja/template'

interface Fixture {
  readonly values: Readonly<Record<string, unknown>>
  readonly cases: readonly {
    readonly template: string
    readonly text?: string
    /** In Python's words. */
    readonly refused?: string
  }[]
}

const { values, cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/chats/jinja.json', import.meta.url), 'utf8'),
) as Fixture
const rendered = (template: string): string => compiled(template).render(values).text

describe('a template', () => {
  it.each(cases.filter(({ text }) => text !== undefined))(
    '$template is rendered as in transformers',
    ({ template, text }) => {
      expect(rendered(template)).toBe(text)
    },
  )

  it.each(cases.filter(({ refused }) => refused !== undefined))(
    '$template is refused as in transformers',
    ({ template }) => {
      expect(() => rendered(template)).toThrow()
    },
  )

  it.each([
    ['{{ raise_exception("In its own words") }}', 'In its own words'],
    ['{{ messages[0].content + 1 }}', 'can only concatenate str (not "int") to str'],
    ['{{ missing.part }}', "'missing' is undefined"],
    ['{{ messages[0].part.of }}', "'dict object' has no attribute 'part'"],
    ['{{ "x" | shout }}', "No filter named 'shout'."],
  ])('%s says what is wrong', (template, problem) => {
    expect(() => rendered(template)).toThrow(problem)
  })

  /** Public reports of templates that took all memory with a number, tried here. */
  it.each([
    '{{ "a" | indent(999999999, true) }}',
    '{{ ("a\n" * 100000) | indent(1000) }}',
    '{{ [1] | tojson(indent=999999999) }}',
    '{{ "%999999999d" % 1 }}',
    '{{ "{:>999999999}".format(1) }}',
    '{{ "a".ljust(999999999) }}',
    '{{ "a".zfill(999999999) }}',
    '{{ "a" | center(999999999) }}',
    '{{ ("a" * 60000) | replace("a", "b" * 60000) }}',
    '{{ range(99999) | join("a" * 60000) }}',
  ])('%s is ended before it is made', (template) => {
    expect(() => rendered(template)).toThrow('it writes without an end')
  })

  it('that doubles a list again and again is ended', () => {
    const doubling =
      '{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}'
    expect(() => rendered(doubling)).toThrow('it makes lists without an end')
  })

  it('gives nothing for a count below one, as Python does', () => {
    expect(rendered('{{ "a\nb" | indent(-1) }}[{{ "ab" * -2 }}]')).toBe('a\nb[]')
  })

  it('that goes on and on is ended', () => {
    const ever = '{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}'
    expect(() => rendered(ever)).toThrow('it does not come to an end')
    expect(() => rendered('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}')).toThrow()
    expect(() => rendered("{{ 'a' * 999999999 }}")).toThrow('it writes without an end')
    expect(() =>
      rendered(
        "{% set ns = namespace(t='aaaaaaaa') %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
      ),
    ).toThrow('it writes without an end')
  })

  it('says which of its text the assistant’s is', () => {
    const { text, generated } = compiled('a{% generation %}bc{% endgeneration %}d').render({})
    expect(generated.map(({ from, to }) => text.slice(from, to))).toEqual(['bc'])
  })
})
