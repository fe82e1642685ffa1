import type { ClusterResult } from './cluster.ts'
import { type Spoil, withoutCondition } from './store-proxy.ts'

type Size = { requests: number; people: number }

/** What is wrong with a run in which everybody's question may reach the provider once. */
export function notOneHitEach({ hits, mostOfOneCard, answers }: ClusterResult, size: Size) {
  const { '200 asked': asked = 0, ...others } = answers
  // Everybody else has the verdict, unless they waited in vain for the one that asks, or dynalite
  // took longer than the SDK waits.
  const known = [
    '200 replayed',
    '200 reused',
    '409 verification_in_progress',
    '503 ledger_unavailable',
  ]
  return [
    ...(hits === size.people && mostOfOneCard === 1 ? [] : [`${hits} hits`]),
    ...(asked === size.people ? [] : [`${asked} answers of the provider`]),
    ...(countOf(answers) === size.requests ? [] : [`${countOf(answers)} answers`]),
    ...Object.keys(others).filter((outcome) => !known.includes(outcome)),
  ]
}

/** What is wrong with a run in which `cap` of the questions may reach the provider. */
export function notCapped(
  { hits, answers }: ClusterResult,
  { requests, cap }: Size & { cap: number },
) {
  const { '200 asked': asked = 0, '429 daily_limit_reached': refused = 0, ...others } = answers
  return [
    ...(hits === cap ? [] : [`${hits} hits`]),
    ...(asked === cap ? [] : [`${asked} answers of the provider`]),
    ...(refused === requests - cap ? [] : [`${refused} refusals`]),
    ...Object.keys(others),
  ]
}

function countOf(answers: Readonly<Record<string, number>>): number {
  return Object.values(answers).reduce((sum, count) => sum + count, 0)
}

/** A table that lets anybody reserve a claim, whoever holds it. */
export const noReservation: Spoil = (operation) =>
  operation.UpdateExpression?.startsWith('SET phase = :reserved')
    ? withoutCondition(operation)
    : operation

/** A table that counts the calls of a provider and a caller, and never refuses. */
export const noCap: Spoil = (operation) =>
  operation.UpdateExpression?.startsWith('ADD used') && operation.ConditionExpression
    ? withoutCondition(operation)
    : operation
