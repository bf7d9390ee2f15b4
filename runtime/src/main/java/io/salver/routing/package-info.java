/**
 * Endpoints: public names in front of models, and the policies that say which model answers.
 *
 * <p>A policy is a pure function: what it decides follows from its state, which is a value, and the
 * random numbers that it is given.
 */
@NullMarked
package io.salver.routing;

import org.jspecify.annotations.NullMarked;
