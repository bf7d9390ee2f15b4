package io.salver.lifecycle;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a model gives up while it changes from one set of versions to another. Pure: {@link #next}
 * depends on nothing but its argument.
 */
public enum SwapPolicy {
  /**
   * Never answers less than it has to: a version that is no longer wanted goes when a wanted one is
   * available, when none is wanted, or when another unwanted one still answers. Takes the memory of
   * both versions during a change.
   */
  AVAILABILITY_PRESERVING {
    @Override
    Optional<Action> next(Collection<Candidate> candidates) {
      long unwantedServing = candidates.stream().filter(UNWANTED_SERVING).count();
      boolean anyWanted = candidates.stream().anyMatch(Candidate::wanted);
      boolean wantedServing =
          candidates.stream().anyMatch(c -> c.wanted() && c.standing() == Standing.SERVING);
      if (unwantedServing > 0 && (!anyWanted || wantedServing || unwantedServing > 1)) {
        return lowestUnwanted(candidates);
      }
      return highestLoadable(candidates);
    }
  },

  /**
   * Never takes the memory of two versions: what is no longer wanted goes first, and the model does
   * not answer until what is wanted has been loaded. As long as the files of what is wanted are not
   * there yet, nothing goes.
   */
  RESOURCE_PRESERVING {
    @Override
    Optional<Action> next(Collection<Candidate> candidates) {
      boolean anyWanted = candidates.stream().anyMatch(Candidate::wanted);
      boolean wantedCanServe =
          candidates.stream().anyMatch(c -> c.wanted() && c.standing() != Standing.WAITING);
      if (!anyWanted || wantedCanServe) {
        Optional<Action> unload = lowestUnwanted(candidates);
        if (unload.isPresent()) {
          return unload;
        }
      }
      boolean othersInMemory =
          candidates.stream().anyMatch(c -> !c.wanted() && c.standing().inMemory());
      return othersInMemory ? Optional.empty() : highestLoadable(candidates);
    }
  };

  private static final Predicate<Candidate> UNWANTED_SERVING =
      c -> !c.wanted() && c.standing() == Standing.SERVING;
  private static final Comparator<Candidate> BY_VERSION =
      Comparator.comparingLong(Candidate::version);

  /** The next thing to do for a model with these versions; empty if there is nothing to do now. */
  abstract Optional<Action> next(Collection<Candidate> candidates);

  private static Optional<Action> lowestUnwanted(Collection<Candidate> candidates) {
    return candidates.stream().filter(UNWANTED_SERVING).min(BY_VERSION).map(Action.Unload::new);
  }

  private static Optional<Action> highestLoadable(Collection<Candidate> candidates) {
    return candidates.stream()
        .filter(c -> c.wanted() && c.standing() == Standing.LOADABLE)
        .max(BY_VERSION)
        .map(Action.Load::new);
  }

  /** Where a version stands, as far as a policy needs to know. */
  enum Standing {
    /** Not loaded, and cannot be now: its files or its next try are waited for, or it failed. */
    WAITING,
    /** Not loaded, and could be if there were memory for it. */
    CROWDED,
    /** Not loaded, and can be now. */
    LOADABLE,
    LOADING,
    SERVING,
    UNLOADING;

    boolean inMemory() {
      return this == LOADING || this == SERVING || this == UNLOADING;
    }
  }

  /**
   * A version that is wanted, or not gone yet.
   *
   * @param index the caller's own name for it
   */
  record Candidate(int index, long version, boolean wanted, Standing standing) {}

  /** Something to do. */
  sealed interface Action {
    record Load(Candidate candidate) implements Action {}

    record Unload(Candidate candidate) implements Action {}
  }
}
