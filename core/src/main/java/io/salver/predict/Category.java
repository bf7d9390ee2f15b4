package io.salver.predict;

/**
 * What kind of failure it was, and so who must act. The names are the canonical ones of gRPC, so
 * that a front end maps them without judgement.
 */
public enum Category {
  CANCELLED(Actor.CALLER),
  UNKNOWN(Actor.BUG),
  INVALID_ARGUMENT(Actor.CALLER),
  DEADLINE_EXCEEDED(Actor.CAPACITY),
  NOT_FOUND(Actor.CALLER),
  ALREADY_EXISTS(Actor.CALLER),
  PERMISSION_DENIED(Actor.CALLER),
  RESOURCE_EXHAUSTED(Actor.CAPACITY),
  FAILED_PRECONDITION(Actor.CALLER),
  ABORTED(Actor.CALLER),
  OUT_OF_RANGE(Actor.CALLER),
  UNIMPLEMENTED(Actor.CALLER),
  INTERNAL(Actor.BUG),
  UNAVAILABLE(Actor.OPERATOR),
  DATA_LOSS(Actor.OPERATOR),
  UNAUTHENTICATED(Actor.CALLER);

  /** Who can do something about a failure. */
  public enum Actor {
    /** Whoever sent the request. */
    CALLER,
    /** Whoever runs the server. */
    OPERATOR,
    /** Nobody at once: there is more load than the machine carries. */
    CAPACITY,
    /** Salver's makers, or the engine's. */
    BUG
  }

  private final Actor actor;

  Category(Actor actor) {
    this.actor = actor;
  }

  /** Who must act. */
  public Actor actor() {
    return actor;
  }
}
