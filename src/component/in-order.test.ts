import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { isPromise, then } from '../awaitable.ts'
import { inOrder } from './in-order.ts'

describe('inOrder', () => {
  test('is synchronous as long as every run is', () => {
    assert.deepEqual(
      inOrder([1, 2, 3], (n) => n * 2),
      [2, 4, 6],
    )
    assert.deepEqual(
      inOrder([], () => assert.fail()),
      [],
    )
  })

  test('begins a run only when the one before has ended', async () => {
    const log: string[] = []
    const results = await inOrder([1, 2, 3], (n) => {
      log.push(`begin ${n}`)
      if (n === 1) return n
      return Promise.resolve().then(() => {
        log.push(`end ${n}`)
        return n
      })
    })
    assert.deepEqual(results, [1, 2, 3])
    assert.deepEqual(log, ['begin 1', 'begin 2', 'end 2', 'begin 3', 'end 3'])
  })

  test('begins nothing behind a failure', async () => {
    const begun: number[] = []
    const run = (n: number) => {
      begun.push(n)
      return n === 2 ? Promise.reject(new Error('no')) : Promise.resolve(n)
    }
    await assert.rejects(async () => inOrder([1, 2, 3], run), /no/)
    assert.deepEqual(begun, [1, 2])
  })
})

describe('then', () => {
  test('goes on at once with a value, and later with a promise', async () => {
    assert.equal(
      then(1, (n) => n + 1),
      2,
    )
    const later = then(Promise.resolve(1), (n) => n + 1)
    assert.ok(isPromise(later))
    assert.equal(await later, 2)
  })
})
