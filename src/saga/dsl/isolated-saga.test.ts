import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { fingerprintOf } from '../../machine/fingerprint.ts'
import { Saga } from './saga.ts'

const ISOLATED = { isolated: true, deadlineMs: 1_000 } as const
const nothing = (): void => undefined

describe('an isolated saga', () => {
  test('has a deadline, or is refused', () => {
    for (const options of [{ isolated: true }, { isolated: true, deadlineMs: undefined }]) {
      assert.throws(
        () => new Saga('s', options),
        (error) => codeOf(error) === 'SAGA_ISOLATION_INVALID',
      )
    }
    assert.equal(new Saga('s', ISOLATED).localStep(nothing).commit().describe().deadlineMs, 1_000)
  })

  test('is ended by steps of its own around those of its author', () => {
    const { root } = new Saga('s', ISOLATED).localStep(nothing, { name: 'a' }).commit().describe()
    assert.deepEqual(
      root.nodes.map((node) => [node.path, node.kind === 'step' ? node.mode : '']),
      [
        ['transaction', 'compensatable'],
        ['a', 'compensatable'],
        ['transaction.reserve', 'compensatable'],
        ['transaction.agreed', 'pivot'],
        ['transaction.commit', 'retriable'],
      ],
    )
  })

  test('is another version than the same saga without isolation', () => {
    const made = (options: object): string =>
      fingerprintOf(new Saga('s', options).localStep(nothing).commit().describe())
    assert.notEqual(made(ISOLATED), made({ deadlineMs: 1_000 }))
  })

  test('has no pivot, no saga within, and no isolated branch: it ends as a whole', () => {
    const plain = new Saga<{ n: number }>('plain').localStep(nothing).commit()
    const isolated = new Saga<{ n: number }>('isolated', ISOLATED).localStep(nothing).commit()
    const withSaga = new Saga<{ n: number }>('with').sagaStep(plain).commit()
    for (const commit of [
      () => new Saga('s', ISOLATED).localStep(nothing).pivot().commit(),
      () => new Saga<{ n: number }>('s', ISOLATED).sagaStep(plain).commit(),
      () => new Saga<{ n: number }>('s', ISOLATED).parallel([withSaga]).commit(),
      () =>
        new Saga<{ n: number }>('s', ISOLATED)
          .conditionalStep()
          .ifThen(() => true, withSaga)
          .commit(),
    ]) {
      assert.throws(commit, (error) => codeOf(error) === 'SAGA_ISOLATION_INVALID')
    }
    assert.throws(
      () => new Saga<{ n: number }>('s').parallel([isolated]).commit(),
      // Its deadline is refused before its isolation is.
      (error) => codeOf(error) === 'SAGA_OPTION_INVALID',
    )
  })

  test('cannot be undone as a step of another saga, which has passed it as its pivot', () => {
    const isolated = new Saga<{ n: number }>('isolated', ISOLATED).localStep(nothing).commit()
    assert.throws(
      () => new Saga<{ n: number }>('s').sagaStep(isolated).commit(),
      (error) => codeOf(error) === 'SAGA_PIVOT_MISPLACED',
    )
    assert.ok(new Saga<{ n: number }>('s').sagaStep(isolated).pivot().commit())
  })

  test('says whether it is with a yes or a no', () => {
    assert.throws(
      () => new Saga('s', { isolated: 'yes' as never }),
      (error) => codeOf(error) === 'SAGA_OPTION_INVALID',
    )
  })
})
