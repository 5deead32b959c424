import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, type JsonValue, toBinary } from '@bufbuild/protobuf'
import {
  AnySchema,
  DurationSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  StringValueSchema,
} from '@bufbuild/protobuf/wkt'
import { packAny } from '../../../wire/any.ts'
import { jsonOfMessage } from './json-of-message.ts'
import { messageOfJson } from './message-of-json.ts'
import { messageTypes } from './message-types.ts'

const types = messageTypes()

function readAny(json: JsonValue): unknown {
  return messageOfJson(AnySchema, json, types)
}

describe('packed messages as JSON', () => {
  it('have what has a JSON of its own under "value"', () => {
    const any = packAny(DurationSchema, create(DurationSchema, { seconds: 3n }))
    const json = { '@type': 'type.googleapis.com/google.protobuf.Duration', value: '3s' }
    assert.deepEqual(jsonOfMessage(AnySchema, any, types), json)
    assert.deepEqual(readAny(json), any)
    const text = packAny(StringValueSchema, create(StringValueSchema, { value: 'a' }))
    assert.deepEqual(readAny(jsonOfMessage(AnySchema, text, types)), text)
  })

  it('are empty when nothing is packed', () => {
    assert.deepEqual(jsonOfMessage(AnySchema, create(AnySchema), types), {})
    assert.deepEqual(readAny({}), create(AnySchema))
  })

  it('stay bytes when they are no message of their type', () => {
    const value = new Uint8Array([0xff])
    const any = create(AnySchema, { typeUrl: 'x/google.protobuf.Duration', value })
    const json = { '@type': 'x/google.protobuf.Duration', '@value': '/w==' }
    assert.deepEqual(jsonOfMessage(AnySchema, any, types), json)
    assert.deepEqual(readAny(json), any)
  })

  it('are refused when they say two things, or nothing', () => {
    const wrong: readonly JsonValue[] = [
      'text',
      { value: '3s' },
      { '@type': 7 },
      { '@type': 'x/nobody.Knows' },
      { '@type': 'x/nobody.Knows', '@value': 'no base64' },
      { '@type': 'x/nobody.Knows', '@value': 'AA==', more: 1 },
      { '@type': 'x/google.protobuf.Duration', seconds: 3 },
      { '@type': 'x/google.protobuf.Duration', value: '3s', more: 1 },
    ]
    for (const json of wrong) {
      assert.throws(() => readAny(json), { code: 'REQUEST_UNDECODABLE' }, JSON.stringify(json))
    }
  })

  it('may be of types that only a descriptor set knows', () => {
    const file = create(FileDescriptorProtoSchema, {
      name: 'far.proto',
      package: 'far',
      syntax: 'proto3',
      messageType: [
        {
          name: 'Thing',
          field: [{ name: 'name', jsonName: 'name', number: 1, type: 9, label: 1 }],
        },
      ],
    })
    const set = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [file] }))
    const further = messageTypes(set)
    const json = { '@type': 'type.googleapis.com/far.Thing', name: 'n' }
    const any = messageOfJson(AnySchema, json, further)
    assert.deepEqual(jsonOfMessage(AnySchema, any, further), json)
    assert.equal(messageTypes()('far.Thing'), undefined)
    assert.throws(() => messageTypes(new Uint8Array([1, 2, 3])), { code: 'CONFIGURATION_INVALID' })
  })
})
