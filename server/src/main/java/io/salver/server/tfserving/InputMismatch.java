package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A request whose inputs are not the signature's, in TensorFlow Serving's words.
 *
 * @param sent the names of the request's inputs
 */
record InputMismatch(Signature signature, SortedSet<String> sent) {

  static SortedSet<String> names(List<TensorSpec> specs) {
    SortedSet<String> names = new TreeSet<>();
    specs.forEach(spec -> names.add(spec.name()));
    return names;
  }

  static String set(SortedSet<String> names) {
    return "{" + String.join(",", names) + "}";
  }

  ServingException toException(boolean hasOptionalInputs) {
    SortedSet<String> required = names(signature.inputs());
    if (sent.size() > required.size() || (sent.size() < required.size() && !hasOptionalInputs)) {
      return wrongSize(required);
    }
    for (TensorSpec spec : signature.inputs()) {
      if (!spec.optional() && !sent.contains(spec.name())) {
        return missing(spec);
      }
    }
    SortedSet<String> used = new TreeSet<>(sent);
    used.retainAll(required);
    return ServingException.invalid(
        "Inputs contains invalid name. Used request inputs: "
            + String.join(",", used)
            + ", request input: "
            + String.join(",", sent));
  }

  private ServingException wrongSize(SortedSet<String> required) {
    SortedSet<String> extra = new TreeSet<>(sent);
    extra.removeAll(required);
    SortedSet<String> missing = new TreeSet<>(required);
    missing.removeAll(sent);
    return ServingException.invalid(
        "input size does not match signature: "
            + sent.size()
            + "!="
            + required.size()
            + " len("
            + set(sent)
            + ") != len("
            + set(required)
            + "). Sent extra: "
            + set(extra)
            + ". Missing but required: "
            + set(missing)
            + ".");
  }

  private ServingException missing(TensorSpec spec) {
    SortedSet<String> optional =
        names(signature.inputs().stream().filter(TensorSpec::optional).toList());
    return ServingException.invalid(
        "Signature input alias: "
            + spec.name()
            + "(feed name: "
            + spec.nativeName()
            + ") not found in request and no default value provided. Inputs expected to be in the"
            + " request "
            + set(sent)
            + ", or default input alias set: "
            + String.join(",", optional));
  }
}
