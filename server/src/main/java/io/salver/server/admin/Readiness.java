package io.salver.server.admin;

import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import java.util.function.BooleanSupplier;

/** Says whether requests may be sent here and, if not, what is waited for. */
final class Readiness {
  private final ServedModels served;
  private final BooleanSupplier isDraining;

  Readiness(ServedModels served, BooleanSupplier isDraining) {
    this.served = served;
    this.isDraining = isDraining;
  }

  Answer answer() {
    if (isDraining.getAsBoolean()) {
      return Answer.text(503, "not ready: draining\n");
    }
    return served.isReady() ? Answer.text(200, "ready\n") : Answer.text(503, reasons());
  }

  private String reasons() {
    StringBuilder reasons = new StringBuilder("not ready\n");
    for (ModelStatus model : served.statuses()) {
      if (model.versions().stream().noneMatch(Readiness::isAsItShouldBe)) {
        appendModel(reasons, model);
      }
    }
    return reasons.toString();
  }

  private static boolean isAsItShouldBe(VersionStatus version) {
    return version.state() == VersionState.AVAILABLE || version.state() == VersionState.NOT_LOADED;
  }

  private static void appendModel(StringBuilder reasons, ModelStatus model) {
    reasons.append("model ").append(oneLine(model.name())).append(": not available");
    appendReason(reasons, model.reason());
    for (VersionStatus version : model.versions()) {
      reasons.append("  version ").append(version.version()).append(": ").append(version.state());
      appendReason(reasons, version.reason());
    }
  }

  private static void appendReason(StringBuilder reasons, String reason) {
    reasons.append(reason.isEmpty() ? "" : ": ").append(oneLine(reason)).append('\n');
  }

  private static String oneLine(String text) {
    return text.replace('\r', ' ').replace('\n', ' ');
  }
}
