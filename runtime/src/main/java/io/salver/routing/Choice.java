package io.salver.routing;

/**
 * What a bandit chose, and how likely that was.
 *
 * @param arm the chosen arm, from 0
 * @param probability the chance with which it was chosen, above 0 and at most 1: what the reward
 *     has to come back with ({@link Bandit#learn})
 */
public record Choice(int arm, double probability) {}
