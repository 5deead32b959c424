import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SagaContext } from '../context/saga-context.ts'
import { SagaOperation } from './saga-operation.ts'

const callback = (...args: readonly unknown[]): readonly unknown[] => args

describe('SagaOperation', () => {
  it('keeps its callback, and has no parameters of itself [minos-64]', () => {
    const operation = new SagaOperation(callback)
    assert.equal(operation.callback, callback)
    assert.equal(operation.parameters, undefined)
    assert.equal(operation.isParameterized, false)
  })

  it('takes the entries of a context as its parameters [minos-65]', () => {
    const parameters = new SagaContext({ one: 1 })
    const operation = new SagaOperation(callback, parameters)
    assert.deepEqual(operation.parameters, { one: 1 })
    assert.equal(operation.isParameterized, true)
  })

  it('keeps a copy of a record as its parameters [minos-66]', () => {
    const given = { list: [1] }
    const operation = new SagaOperation(callback, given)
    given.list.push(2)
    assert.deepEqual(operation.parameters, { list: [1] })
  })

  it('gives each call its parameters in the last argument, a copy of its own [minos-156]', () => {
    const operation = new SagaOperation(
      (...args: unknown[]) => {
        const { parameters } = args.at(-1) as { parameters: { list: number[] } }
        parameters.list.push(2)
        return [args[0], parameters.list]
      },
      { list: [1] },
    )
    assert.deepEqual(operation.call(['a'], undefined), ['a', [1, 2]])
    assert.deepEqual(operation.call(['b'], { attempt: 3 }), ['b', [1, 2]])
  })

  it('gives a call what is said beside the parameters', () => {
    const operation = new SagaOperation(callback, { one: 1 })
    const args = operation.call(['a'], { attempt: 3 })
    assert.deepEqual(args, ['a', { attempt: 3, parameters: { one: 1 } }])
  })

  it('equals one with the same callback and equal parameters', () => {
    const operation = new SagaOperation(callback, { one: 1 })
    assert.equal(operation.equals(new SagaOperation(callback, { one: 1 })), true)
    assert.equal(operation.equals(new SagaOperation(callback, { one: 2 })), false)
    assert.equal(operation.equals(new SagaOperation(callback)), false)
    assert.equal(operation.equals(new SagaOperation(() => undefined, { one: 1 })), false)
    assert.equal(operation.equals(callback), false)
  })

  it('refuses what is no function, and parameters that are no plain data', () => {
    const code = 'SAGA_OPTION_INVALID'
    assert.throws(() => new SagaOperation('f' as unknown as typeof callback), { code })
    const parameters = { f: callback }
    assert.throws(() => new SagaOperation(callback, parameters), { code: 'VALUE_NOT_STORABLE' })
  })
})
