/** A new user: created, welcomed, subscribed. The document's first example. */
import { CompensationPrimitive } from 'amends/workflow'
import type { World } from './world.ts'

/** What a sign-up begins with. */
export type SignUp = { readonly email: string }
type Created = SignUp & { readonly userId: string }

/** The workflow, on the services of a world. */
export function signUpWorkflow(
  world: World,
): CompensationPrimitive<
  SignUp,
  Created & { readonly emailSent: boolean; readonly subscriptionActive: boolean }
> {
  const createUser = async (data: SignUp) => ({ ...data, userId: await world.create('user') })
  const rollbackUserCreation = (data: Created) => world.remove(data.userId)
  const sendWelcomeEmail = async (data: Created) => {
    await world.create('email')
    return { ...data, emailSent: true }
  }
  // A mail cannot be unsent: what is left to do is to write it down.
  const rollbackEmail = (data: Created) => world.note(`email rollback for ${data.email}`)
  const activateSubscription = async (data: Created & { emailSent: boolean }) => {
    await world.create('subscription')
    return { ...data, subscriptionActive: true }
  }
  const rollbackSubscription = () => world.remove('subscription-1')

  return new CompensationPrimitive({
    name: 'SignUpWorkflow',
    primitives: [
      [createUser, rollbackUserCreation],
      [sendWelcomeEmail, rollbackEmail],
      [activateSubscription, rollbackSubscription],
    ],
  })
}
