import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, isMessage } from '@bufbuild/protobuf'
import { CodedError } from '../../errors.ts'
import { CoverSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { SagaContext } from './saga-context.ts'

type Trip = { who: string; nights: number; flight?: string }

function trip(): SagaContext<Trip> {
  return new SagaContext<Trip>({ who: 'ada', nights: 3 })
}

describe('a context', () => {
  it('is read and written by attribute and as a mapping [minos-20]', () => {
    const context = trip()
    assert.equal(context.who, 'ada')
    assert.equal(context.get('who'), 'ada')
    context.flight = 'LX-1'
    assert.deepEqual([...context.keys()], ['who', 'nights', 'flight'])
    assert.deepEqual([...context.values()], ['ada', 3, 'LX-1'])
    assert.deepEqual(Object.fromEntries(context.entries()), { ...context })
    assert.equal(context.size, 3)
    assert.ok(context instanceof SagaContext)
    assert.equal({ who: 'ada' } instanceof SagaContext, false)
  })

  it('has what it was made with as attributes: numbers, texts, messages [minos-21]', () => {
    const cover = create(CoverSchema, { domain: 'order' })
    const context = new SagaContext({ one: 1, two: 'two', cover })
    assert.equal(context.one, 1)
    assert.equal(context.two, 'two')
    assert.ok(isMessage(context.cover, CoverSchema))
    assert.equal(context.cover.domain, 'order')
  })

  it('gets a field by an assignment to an attribute [minos-22]', () => {
    const context = trip()
    context.flight = 'LX-1'
    assert.ok(context.equals(new SagaContext({ who: 'ada', nights: 3, flight: 'LX-1' })))
    assert.equal(context.has('flight'), true)
  })

  it('stores a field that has the name of a method, which stays callable [minos-23]', () => {
    const context = new SagaContext()
    Reflect.set(context, 'entries', 'mine')
    assert.deepEqual([...context.entries()], [['entries', 'mine']])
    assert.equal(context.get('entries'), 'mine')
  })

  it('loses a field when its attribute is deleted [minos-24]', () => {
    const context = trip()
    context.flight = 'LX-1'
    delete context.flight
    assert.equal(context.has('flight'), false)
    assert.ok(context.equals(trip()))
  })

  it('takes names that begin with an underscore for fields like any other [minos-25]', () => {
    const context = new SagaContext<{ _note?: string }>()
    context._note = 'x'
    assert.equal(context.get('_note'), 'x')
    assert.deepEqual({ ...context }, { _note: 'x' })
    delete context._note
    assert.equal(context.size, 0)
  })

  it('keeps its method when the field of that name is deleted [minos-26]', () => {
    const context = new SagaContext({ entries: 1 })
    Reflect.deleteProperty(context, 'entries')
    assert.equal(context.has('entries'), false)
    assert.deepEqual([...context.entries()], [])
  })

  it('does not mind the deletion of an attribute that is not there [minos-27]', () => {
    const context = new SagaContext<{ a?: number; _a?: number }>()
    delete context.a
    delete context._a
    assert.equal(context.a, undefined)
    assert.equal(context.size, 0)
  })

  it('deletes a field by its name and says whether it was there [minos-28, minos-29]', () => {
    const context = new SagaContext({ one: 1, _two: 2 })
    assert.equal(context.delete('one'), true)
    assert.equal(context.delete('_two'), true)
    assert.equal(context.size, 0)
    assert.equal(context.delete('one'), false)
    assert.equal(context.delete('_two'), false)
    assert.equal(context.delete('toString'), false)
  })

  it('that is filled field by field equals one made at once [minos-30]', () => {
    const context = new SagaContext().set('two', 'two').set('one', 1)
    assert.ok(context.equals(new SagaContext({ one: 1, two: 'two' })))
    assert.equal(context.equals(new SagaContext({ one: 1, two: 2 })), false)
    assert.equal(context.equals(new SagaContext({ one: 1 })), false)
    assert.equal(context.equals({ one: 1, two: 'two' }), false)
  })

  it('may have any word as the name of a field [minos-31, minos-B-13]', () => {
    const names = ['get', 'set', 'fields', 'size', 'then', 'toJSON', '__proto__', 'constructor', '']
    const values = Object.fromEntries(names.map((name) => [name, name.length]))
    for (const context of [new SagaContext(values), new SagaContext().update(values)]) {
      for (const name of names) assert.equal(context.get(name), name.length)
      assert.deepEqual([...context.keys()], names)
      assert.deepEqual(context.toRecord(), values)
      assert.ok(context.clone().equals(context))
      assert.ok(new SagaContext(context).equals(context))
      assert.ok(new SagaContext().update(context).equals(context))
      assert.ok(SagaContext.deserialize(context.serialize()).equals(context))
      context.clear()
      assert.deepEqual([...context.keys()], [])
    }
  })

  it('gives a field by its name, and what is asked for instead when it is not there [minos-32]', () => {
    const context = trip()
    assert.equal(context.get('nights'), 3)
    assert.equal(context.get('flight'), undefined)
    assert.equal(context.get('flight', 'none'), 'none')
    assert.equal(context.get('toString'), undefined)
  })

  it('is the same after it was serialised, messages and dates among it [minos-33]', () => {
    const cover = create(CoverSchema, { domain: 'order', root: { value: new Uint8Array([1]) } })
    const context = new SagaContext({ cover, at: new Date(5), tags: new Set(['a']), n: 1n })
    const read = SagaContext.deserialize(context.serialize())
    assert.ok(read.equals(context))
    assert.ok(isMessage(read['cover'], CoverSchema))
  })

  it('may change the type of a field [minos-34]', () => {
    const context = new SagaContext<{ value: unknown }>({ value: 1 })
    context.value = 'one'
    assert.equal(context.get('value'), 'one')
    context.value = ['one']
    assert.deepEqual(context.value, ['one'])
  })
})

describe('the type of a context', () => {
  it('has the fields, and a spread of it nothing else', () => {
    const context = trip()
    const spread = { ...context, room: 12 }
    const isExact: Same<
      typeof spread,
      { room: number; who: string; nights: number; flight?: string }
    > = true
    assert.equal(isExact, true)
    const nights: number = context.get('nights')
    const flight: string | undefined = context.get('flight')
    const orElse: string = context.get('flight', 'none')
    assert.deepEqual([nights, flight, orElse], [3, undefined, 'none'])
    // @ts-expect-error a field has the type that was declared
    context.set('nights', 'three')
    context.set('anything', 'else')
    assert.equal(context.get('anything'), 'else')
  })

  it('of a union is narrowed by in', () => {
    const context: SagaContext<{ who: string } | { who: string; room: string }> = new SagaContext({
      who: 'ada',
      room: '12',
    })
    assert.equal('room' in context ? context.room.length : 0, 2)
    const room: string | undefined = context.get('room')
    assert.equal(room, '12')
  })

  it('leaves methods what they are, and size to a field of that name', () => {
    const context = new SagaContext({ values: 'mine', size: 'XL' })
    const size: string = context.size
    const values: string = context.get('values')
    assert.deepEqual([...context.values()], [values, size])
  })
})

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

describe('what looks at a context', () => {
  it('sees its fields and nothing else', () => {
    const context = trip()
    assert.deepStrictEqual({ ...context, room: '12' }, { who: 'ada', nights: 3, room: '12' })
    assert.deepEqual(Object.keys(context), ['who', 'nights'])
    assert.deepEqual(Object.entries(context), [...context.entries()])
    assert.equal('who' in context, true)
    assert.equal('get' in context, false)
    assert.equal('toString' in context, false)
    assert.equal(JSON.stringify(context), '{"who":"ada","nights":3}')
    assert.deepStrictEqual(Object.assign({}, context), { who: 'ada', nights: 3 })
  })

  it('takes it for a plain record, so that it can be stored in another one', () => {
    const outer = new SagaContext({ inner: trip() })
    assert.deepStrictEqual(outer.toRecord(), { inner: { who: 'ada', nights: 3 } })
  })

  it('can hand it through promises', async () => {
    assert.equal((await Promise.resolve(new SagaContext({ then: 'x' }))).get('then'), 'x')
  })

  it('sees a field named size, or how many there are', () => {
    const shirt = new SagaContext({ size: 'XL' })
    assert.equal(shirt.size, 'XL')
    assert.deepEqual({ ...shirt }, { size: 'XL' })
    assert.equal(trip().size, 2)
  })
})

describe('values of a context', () => {
  it('may come from any object with fields', () => {
    class Order {
      sku = 'chai'
      get label(): string {
        return this.sku
      }
    }
    assert.deepEqual(new SagaContext(new Order()).toRecord(), { sku: 'chai' })
  })

  it('are copied when they are stored, and when the context is copied', () => {
    const seats = [{ row: 1 }]
    const context = new SagaContext({ seats })
    seats[0] = { row: 2 }
    assert.deepEqual(context.seats, [{ row: 1 }])
    const clone = context.clone()
    const record = context.toRecord()
    context.seats.push({ row: 3 })
    assert.equal(clone.seats.length, 1)
    assert.equal(record.seats.length, 1)
    record.seats.push({ row: 4 })
    assert.equal(context.seats.length, 2)
  })

  it('are refused when they cannot be stored, whichever way they come', () => {
    const context = trip()
    const bad = { run: () => 1 }
    const ways: readonly (() => unknown)[] = [
      () => new SagaContext({ bad }),
      () => context.set('bad', bad),
      () => Reflect.set(context, 'bad', bad),
      () => Object.assign(context, { bad }),
      () => Object.defineProperty(context, 'bad', { value: bad }),
      () => context.update({ nights: 4, bad }),
      () => context.setDefault('bad', bad),
    ]
    for (const way of ways) {
      assert.throws(way, (error) => {
        assert.ok(error instanceof CodedError)
        assert.equal(error.code, 'VALUE_NOT_STORABLE')
        assert.deepEqual(error.details, { path: 'bad.run', type: 'function' })
        return true
      })
    }
    assert.ok(context.equals(trip()))
  })

  it('that were made unstorable afterwards are refused when the context is copied', () => {
    const context = new SagaContext<{ list: unknown[] }>({ list: [] })
    context.list.push(() => 1)
    for (const way of [
      () => context.toRecord(),
      () => context.clone(),
      () => context.serialize(),
    ]) {
      assert.throws(way, { code: 'VALUE_NOT_STORABLE' })
    }
  })

  it('are named by texts only, and are no accessors', () => {
    const context = trip()
    assert.throws(() => Reflect.set(context, Symbol('x'), 1), { code: 'VALUE_NOT_STORABLE' })
    assert.throws(() => Object.defineProperty(context, 'x', { get: () => 1 }), TypeError)
    assert.throws(() => Object.freeze(context), TypeError)
    assert.ok(context.equals(trip()))
  })

  it('go when undefined is stored in their place', () => {
    const context = new SagaContext<Trip>({ who: 'ada', nights: 3, flight: 'LX-1' })
    context.set('flight', undefined)
    assert.equal('flight' in context, false)
    assert.equal(context.update({ nights: undefined }).has('nights'), false)
  })

  it('can be taken out, added if missing, and removed all together', () => {
    const context = trip()
    assert.equal(context.pop('nights'), 3)
    assert.equal(context.pop('nights', 'none'), 'none')
    assert.equal(context.setDefault('who', 'bob'), 'ada')
    assert.equal(context.setDefault('room', '12'), '12')
    assert.deepEqual(context.toRecord(), { who: 'ada', room: '12' })
    context.clear()
    assert.equal(context.size, 0)
  })

  it('are not read from bytes that hold no record', () => {
    for (const bytes of [new Uint8Array(0), Buffer.from('[1]'), Buffer.from('{"$":["date",1]}')]) {
      assert.throws(() => SagaContext.deserialize(bytes), { code: 'VALUE_UNREADABLE' })
    }
  })
})
