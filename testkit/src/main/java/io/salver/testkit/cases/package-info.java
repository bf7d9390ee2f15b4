/**
 * Models with known answers, as tables: the same cases are run against an engine alone and through
 * every front end.
 *
 * <p>Public face: {@code ModelCase} with its steps, {@code ArrayTensor}, {@code SharedTestData},
 * {@code Examples}, {@code TaxiTrips}; {@code OnnxCase} with {@code TensorData} and {@code
 * TestData}, {@code OnnxModelWriter}; and one table of cases for each engine.
 */
@NullMarked
package io.salver.testkit.cases;

import org.jspecify.annotations.NullMarked;
