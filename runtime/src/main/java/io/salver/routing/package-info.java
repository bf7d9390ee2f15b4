/**
 * Endpoints: public names in front of models, and the policies that say which model answers.
 *
 * <p>A policy is a pure function: what it decides follows from its state, which is a value, and the
 * random numbers that it is given. {@link io.salver.routing.Bandit} chooses and learns ({@link
 * io.salver.routing.Bandits} makes them), {@link io.salver.routing.StickyChoice} splits, {@link
 * io.salver.routing.Combiner} makes one answer of several, by {@link
 * io.salver.routing.ExpertWeights} where members are weighted.
 */
@NullMarked
package io.salver.routing;

import org.jspecify.annotations.NullMarked;
