package io.salver.server.oip;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds versions of models, with Triton's words for those that are not there. Stateless. */
final class ModelVersions {
  private ModelVersions() {}

  /**
   * The version that a request means.
   *
   * @param version its number, or empty for the latest
   * @throws ServingException INVALID_ARGUMENT if it is not a number of 63 bits
   */
  static VersionSelector selector(String version) {
    if (version.isEmpty()) {
      return VersionSelector.LATEST;
    }
    try {
      long number = Long.parseLong(version);
      if (number >= 0 && version.charAt(0) != '+') {
        return new VersionSelector.Exact(number);
      }
    } catch (NumberFormatException e) {
      // Refused below, like a negative number.
    }
    throw ServingException.invalid(
        "failed to get model version from specified version string '"
            + version
            + "' (expected: a number >= 0, or nothing for the latest)");
  }

  /**
   * Holds a version.
   *
   * @throws ServingException NOT_FOUND if there is no such model, UNAVAILABLE if there is no such
   *     version of it that is ready
   */
  static ModelLease lease(ServedModels models, String model, VersionSelector selector) {
    return lease(models, model, selector, Caller.SILENT);
  }

  /** The same for a request, which may be for an endpoint. */
  static ModelLease lease(
      ServedModels models, String model, VersionSelector selector, Caller caller) {
    try {
      return models.lease(model, selector, caller);
    } catch (ServingException e) {
      throw e.category() == Category.NOT_FOUND ? notThere(models, model, selector) : e;
    }
  }

  /** The same for a request that can wait: null if {@code waiter} is told instead. */
  static @Nullable ModelLease lease(
      ServedModels models,
      String model,
      VersionSelector selector,
      Caller caller,
      LeaseWaiter waiter) {
    try {
      return models.lease(model, selector, caller, waiter);
    } catch (ServingException e) {
      throw e.category() == Category.NOT_FOUND ? notThere(models, model, selector) : e;
    }
  }

  private static ServingException notThere(
      ServedModels models, String model, VersionSelector selector) {
    String unknown = "Request for unknown model: '" + model + "'";
    if (models.status(model).isEmpty()) {
      return new ServingException(Category.NOT_FOUND, unknown + " is not found");
    }
    String reason =
        selector instanceof VersionSelector.Exact(long version)
            ? " version " + version + " is not at ready state"
            : " has no available versions";
    return new ServingException(Category.UNAVAILABLE, unknown + reason);
  }

  /** The versions of {@code model} that are ready, lowest first. */
  static List<Long> ready(ServedModels models, String model) {
    Optional<ModelStatus> status = models.status(model);
    return status.map(ModelStatus::versions).orElse(List.of()).stream()
        .filter(version -> version.state() == VersionState.AVAILABLE)
        .map(VersionStatus::version)
        .sorted()
        .toList();
  }
}
