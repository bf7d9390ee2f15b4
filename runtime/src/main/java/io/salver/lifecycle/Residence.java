package io.salver.lifecycle;

/**
 * Whether a model is to be in memory: because its configuration says so, or because someone asked
 * for it. Guarded by the lock of the model's {@link Reconciler}.
 */
final class Residence {
  private boolean staysLoaded;
  private boolean heldOut;
  private boolean asked;
  private boolean ahead;
  private long order;
  private long askedNs;

  /**
   * The model is configured. Only one that is to stay in memory can be held out of it.
   *
   * @param stays whether it is to stay in memory
   * @param inMemory whether it is there: it stays until the memory is needed
   */
  void configure(boolean stays, boolean inMemory) {
    if (staysLoaded && !stays) {
      asked = inMemory;
    }
    heldOut &= stays;
    staysLoaded = stays;
  }

  /** Begins anew, as if nobody had asked for the model. */
  void reset() {
    staysLoaded = false;
    heldOut = false;
    asked = false;
    ahead = false;
  }

  /** Whether the model is to be in memory. */
  boolean isWanted() {
    return !heldOut && (staysLoaded || asked);
  }

  /** Whether a request, as opposed to an operator, may have it loaded. */
  boolean isOnDemand() {
    return !heldOut && !staysLoaded;
  }

  /** Whether what it takes may be had by unloading it, or is being given back. */
  boolean isEvictable() {
    return heldOut || !staysLoaded;
  }

  /**
   * Someone asks for it.
   *
   * @param turn of all that are asked for and not in memory, the lowest is loaded first
   */
  void ask(long turn, long nowNs) {
    if (!asked || ahead) {
      order = turn;
    }
    asked = true;
    ahead = false;
    askedNs = nowNs;
  }

  /** Nobody asks for it yet, but somebody may: it is loaded if that takes memory from nobody. */
  void askAhead(long turn, long nowNs) {
    ask(turn, nowNs);
    ahead = true;
  }

  boolean isAhead() {
    return ahead;
  }

  /** It is to be out of memory until someone asks for it. */
  void letGo() {
    asked = false;
    ahead = false;
  }

  /** An operator takes it out of memory, so that no request brings it back, or ends that. */
  void holdOut(boolean held) {
    heldOut = held;
  }

  boolean isHeldOut() {
    return heldOut;
  }

  /** Its turn to be loaded: what stays loaded comes first. */
  long order() {
    return staysLoaded ? -1 : order;
  }

  /** When it was last asked for, in terms of the monotonic clock. */
  long askedNs() {
    return askedNs;
  }
}
