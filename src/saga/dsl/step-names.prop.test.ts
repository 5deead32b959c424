import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LocalSagaStep } from './local-saga-step.ts'
import { stepNames } from './step-names.ts'

const texts = fc.constantFrom('a', 'a-2', 'a-3', 'local-1', 'local-2', 'b/c', 'onExecute', '')
const explicit = fc.constantFrom('a', 'a-2', 'local-1', 'd', undefined)

describe('the names of steps', () => {
  it('are unique, and those that the author gave stand, or are refused when given twice', () => {
    const steps = fc.array(fc.record({ derived: texts, name: explicit }), { maxLength: 8 })
    fc.assert(
      fc.property(steps, (given) => {
        const made = given.map(({ derived, name }) => {
          const onExecute = (): void => undefined
          Object.defineProperty(onExecute, 'name', { value: derived })
          return new LocalSagaStep({ onExecute, name })
        })
        const names = given.map(({ name }) => name).filter((name) => name !== undefined)
        if (new Set(names).size < names.length) {
          assert.throws(() => stepNames('s', made), { code: 'SAGA_STEP_NAME_DUPLICATE' })
          return
        }
        const result = stepNames('s', made)
        assert.equal(new Set(result).size, given.length)
        for (const [index, { name }] of given.entries()) {
          if (name !== undefined) assert.equal(result[index], name)
          assert.match(result[index] ?? '', /^[^/]+$/)
        }
      }),
    )
  })

  it('do not depend on the steps behind them, as long as the author names none of those', () => {
    const derived = fc.array(texts, { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(derived, (given) => {
        const make = (names: readonly string[]): readonly string[] =>
          stepNames(
            's',
            names.map((name) => {
              const onExecute = (): void => undefined
              Object.defineProperty(onExecute, 'name', { value: name })
              return new LocalSagaStep({ onExecute })
            }),
          )
        assert.deepEqual(make(given).slice(0, -1), make(given.slice(0, -1)))
      }),
    )
  })
})
