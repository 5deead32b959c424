import assert from 'node:assert/strict'
import { test } from 'node:test'
import { streamFormat } from './stream-format.ts'

test('a stream is lines unless its reader asks for events', () => {
  for (const accept of [undefined, '', '*/*', 'application/json', 'text/event-streams']) {
    assert.equal(streamFormat(accept).type, 'application/x-ndjson', accept)
  }
  for (const accept of ['text/event-stream', 'text/html, Text/Event-Stream;q=0.9']) {
    assert.equal(streamFormat(accept).type, 'text/event-stream', accept)
  }
})

test('a line holds a message or the failure that ends the stream', () => {
  const lines = streamFormat(undefined)
  assert.equal(lines.message({ a: 'x\ny' }, undefined), '{"result":{"a":"x\\ny"}}\n')
  assert.equal(lines.message({}, 7), '{"result":{},"position":"7"}\n')
  assert.equal(lines.failure({ code: 14 }), '{"error":{"code":14}}\n')
})

test('an event has its position as id; the end is an event, so that it is no lost connection', () => {
  const events = streamFormat('text/event-stream')
  assert.equal(events.message({ a: 'x\ny' }, 7), 'id: 7\ndata: {"a":"x\\ny"}\n\n')
  assert.equal(events.failure({ code: 14 }), 'event: error\ndata: {"code":14}\n\n')
  assert.equal(events.end, 'event: end\ndata: {}\n\n')
})
