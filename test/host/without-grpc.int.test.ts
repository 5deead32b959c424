import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const moduleUrl = (path: string): string =>
  new URL(`../../src/${path}${extension}`, import.meta.url).href

/** Runs a program in a process where the gRPC library is not installed; answers what it printed. */
async function withoutLibrary(program: string): Promise<unknown> {
  const hooks = `
    import { registerHooks } from 'node:module'
    globalThis.asked = 0
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier !== '@grpc/grpc-js') return next(specifier, context)
        globalThis.asked++
        throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' })
      },
    })`
  const url = `data:text/javascript,${encodeURIComponent(hooks)}`
  const options = ['--import', url, '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, options)
  return JSON.parse(stdout)
}

describe('without the gRPC library', () => {
  it('everything can be imported; the library is not even looked for', async () => {
    const paths = ['index', 'client/grpc/grpc-transport', 'host/component-host', 'host/run-server']
    const imports = paths.map((path) => `await import(${JSON.stringify(moduleUrl(path))})`)
    const program = `${imports.join('\n')}\nconsole.log(JSON.stringify(globalThis.asked))`
    assert.equal(await withoutLibrary(program), 0)
  })

  it('whoever connects or serves is told by a code what to install', async () => {
    const program = `
      const { QueryClient } = await import(${JSON.stringify(moduleUrl('client/query-client'))})
      const { createServer } = await import(${JSON.stringify(moduleUrl('host/create-server'))})
      const failures = []
      for (const run of [
        () => QueryClient.connect('127.0.0.1:1'),
        () => QueryClient.connect('127.0.0.1:1', { lazy: true }),
        () => createServer([], { address: '127.0.0.1:0' }),
      ]) {
        await run().catch((error) => failures.push([error.code, error.hint]))
      }
      console.log(JSON.stringify(failures))`
    const told = ['GRPC_NOT_INSTALLED', 'npm install @grpc/grpc-js']
    assert.deepEqual(await withoutLibrary(program), [told, told, told])
  })
})
