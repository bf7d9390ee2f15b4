package io.salver.routing;

import io.salver.lifecycle.ServedModels;
import io.salver.tensor.ArenaPool;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * What all endpoints of a server share. All of it is thread-safe.
 *
 * @param models the models behind the endpoints
 * @param ids makes and reads prediction ids
 * @param arenas memory for requests that outlive the one that they were copied from
 * @param timers wakes what has an objective
 * @param random decides where chance does
 * @param clock the time of day, for prediction ids
 * @param joins told which predictions callers have names of their own for
 */
public record EndpointParts(
    ServedModels models,
    PredictionIds ids,
    ArenaPool arenas,
    Timers timers,
    RandomGenerator random,
    InstantSource clock,
    JoinListener joins) {}
