import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { OldSchema } from '../../../test/fixtures/gen/legacy_pb.ts'
import { CoverSchema, QuerySchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { compileAfter, readUncompiled, writeUncompiled } from './compile-when-hot.ts'
import { compilePlan } from './compile-plan.ts'
import type { Bag } from './message-plan.ts'
import { planOf } from './plan-message.ts'

describe('the code of a plan', () => {
  test('is compiled when the type has been used often, and not before', () => {
    compileAfter(3)
    const plan = planOf(CoverSchema)
    const message = create(CoverSchema, { domain: 'order' })
    const writer = new ByteWriter()
    for (let i = 0; i < 3; i++) {
      plan.write(message as unknown as Bag, writer)
      assert.equal(plan.write, writeUncompiled)
      assert.equal(plan.read, readUncompiled)
    }
    writer.rewind(0)
    plan.write(message as unknown as Bag, writer)
    assert.notEqual(plan.write, writeUncompiled)
    assert.notEqual(plan.read, readUncompiled)
    assert.deepEqual(writer.take(), toBinary(CoverSchema, message))
  })

  test('of a type inside is compiled by its own uses', () => {
    compileAfter(2)
    const plan = planOf(QuerySchema)
    const reader = new ByteReader()
    const bytes = toBinary(
      QuerySchema,
      create(QuerySchema, { selection: { case: 'range', value: {} } }),
    )
    for (let i = 0; i < 3; i++) {
      reader.start(bytes, 0)
      plan.read(reader, bytes.length)
    }
    assert.notEqual(plan.read, readUncompiled)
    const unused = plan.fields.flatMap(({ cases }) => cases).find((one) => one.caseName !== 'range')
    assert.equal(unused?.child?.read, readUncompiled)
  })

  test('is not made for a type that the codecs leave to the runtime', () => {
    assert.equal(compilePlan(planOf(OldSchema)), undefined)
  })

  test('is not made for a type with a property that would set the prototype', () => {
    const plan = planOf(CoverSchema)
    assert.notEqual(compilePlan(plan), undefined)
    const [first] = plan.fields
    assert.ok(first)
    const fields = [{ ...first, name: '__proto__' }]
    assert.equal(compilePlan({ ...plan, fields }), undefined)
  })
})
