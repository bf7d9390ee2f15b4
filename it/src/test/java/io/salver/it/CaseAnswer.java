package io.salver.it;

import io.salver.testkit.cases.ArrayTensor;
import java.util.Map;

/** What came of a call, whatever the protocol. */
sealed interface CaseAnswer {
  /** The outputs by name. */
  record Outputs(Map<String, ArrayTensor> tensors) implements CaseAnswer {
    @Override
    public String toString() {
      return tensors.toString();
    }
  }

  /** A refusal; {@code code} is the canonical name of the status. */
  record Refusal(String code, String message) implements CaseAnswer {
    @Override
    public String toString() {
      return code + ": " + message;
    }
  }

  /** The protocol has no form for a type of these tensors, and the server said so. */
  record NoForm(String message) implements CaseAnswer {
    @Override
    public String toString() {
      return "no form in JSON: " + message;
    }
  }
}
