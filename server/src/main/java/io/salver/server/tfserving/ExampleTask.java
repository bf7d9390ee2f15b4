package io.salver.server.tfserving;

import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import org.jspecify.annotations.Nullable;

/**
 * How a signature is used to classify or to regress: which of its outputs are what. Immutable.
 *
 * <p>A signature's own method name is not looked at: exports of TensorFlow 2 call all of them
 * predict.
 *
 * @param classes the output with the labels, or -1
 * @param scores the output with the scores, or -1
 * @param values the output with the values of a regression, or -1
 */
record ExampleTask(ExampleMethod method, Signature signature, int classes, int scores, int values) {
  private static final String INPUTS = "inputs";
  private static final String CLASSES = "classes";
  private static final String SCORES = "scores";
  private static final String VALUES = "outputs";

  /**
   * The use of {@code signature} for {@code method}.
   *
   * @throws ServingException if its tensors do not allow it
   */
  static ExampleTask of(ExampleMethod method, Signature signature) {
    checkInput(method, signature);
    return switch (method) {
      case CLASSIFY -> classification(signature);
      case REGRESS -> regression(signature);
    };
  }

  /**
   * The use of the signature of {@code model} that is called {@code name}.
   *
   * @throws ServingException if there is none, or its tensors do not allow it
   */
  static ExampleTask named(ExampleMethod method, String name, LoadedModel model) {
    Signature signature = model.signatures().get(name);
    if (signature == null) {
      throw ServingException.invalid("No signature was found with the name: " + name);
    }
    return of(method, signature);
  }

  /** The request that has {@code examples} run. */
  PredictRequest request(
      ModelLease lease,
      Tensor examples,
      TensorArena arena,
      long receivedNs,
      long deadlineNs,
      int priority) {
    boolean[] wanted = new boolean[signature.outputs().size()];
    addWanted(wanted);
    return new PredictRequest(
        lease,
        signature,
        new Tensor[] {examples},
        wanted,
        arena,
        receivedNs,
        deadlineNs,
        priority,
        0);
  }

  private static void checkInput(ExampleMethod method, Signature signature) {
    if (signature.inputs().size() != 1) {
      throw ServingException.invalid(
          "Expected one input Tensor. Signature " + signature + " has others.");
    }
    if (signature.inputIndex(INPUTS) != 0) {
      throw precondition("No " + method.word() + " inputs found in SignatureDef: " + signature);
    }
    DType dtype = signature.inputs().getFirst().dtype();
    if (dtype != DType.STRING) {
      throw ServingException.invalid(
          "input \"inputs\" of signature \""
              + signature.name()
              + "\": "
              + TensorTypes.name(dtype)
              + " (expected: DT_STRING, for serialised examples)");
    }
  }

  private static ExampleTask classification(Signature signature) {
    int count = signature.outputs().size();
    if (count != 1 && count != 2) {
      throw ServingException.invalid("Expected one or two output Tensors, found " + count);
    }
    int classes = signature.outputIndex(CLASSES);
    int scores = signature.outputIndex(SCORES);
    if (classes < 0 && scores < 0) {
      throw precondition(
          "Expected classification signature outputs to contain at least one of \"classes\" or"
              + " \"scores\". Signature was: "
              + signature);
    }
    return new ExampleTask(ExampleMethod.CLASSIFY, signature, classes, scores, -1);
  }

  private static ExampleTask regression(Signature signature) {
    if (signature.outputs().size() != 1) {
      throw ServingException.invalid(
          "Expected one output Tensor. Found " + signature.outputs().size());
    }
    int values = signature.outputIndex(VALUES);
    if (values < 0) {
      throw precondition("No regression outputs found in SignatureDef: " + signature);
    }
    return new ExampleTask(ExampleMethod.REGRESS, signature, -1, -1, values);
  }

  private static ServingException precondition(String message) {
    return new ServingException(Category.FAILED_PRECONDITION, message);
  }

  /** Marks the outputs that this task needs. */
  void addWanted(boolean[] wanted) {
    for (int output : new int[] {classes, scores, values}) {
      if (output >= 0) {
        wanted[output] = true;
      }
    }
  }

  /**
   * What the model made of the examples.
   *
   * @throws ServingException if the outputs do not fit the examples
   */
  Result result(PredictRequest answered) {
    long examples = answered.rows();
    return switch (method) {
      case CLASSIFY -> classified(answered, examples);
      case REGRESS -> new Regressed(checkedValues(answered.output(values), examples));
    };
  }

  private Classified classified(PredictRequest answered, long examples) {
    Tensor labels = classes < 0 ? null : answered.output(classes);
    Tensor marks = scores < 0 ? null : answered.output(scores);
    check(labels, CLASSES, DType.STRING, examples);
    check(marks, SCORES, DType.FLOAT32, examples);
    if (labels != null && marks != null && labels.shape().dim(1) != marks.shape().dim(1)) {
      throw ServingException.invalid(
          "Tensors class and score should match in dim_size(1). Got "
              + labels.shape().dim(1)
              + " vs. "
              + marks.shape().dim(1));
    }
    return new Classified(labels, marks);
  }

  private static void check(@Nullable Tensor tensor, String name, DType dtype, long examples) {
    if (tensor == null) {
      return;
    }
    if (tensor.shape().rank() != 2) {
      throw ServingException.invalid(
          "Expected Tensor shape: [batch_size num_classes] but got " + tensor.shape());
    }
    if (tensor.dtype() != dtype) {
      throw ServingException.invalid(
          "Expected "
              + name
              + " Tensor of "
              + TensorTypes.name(dtype)
              + ". Got: "
              + TensorTypes.name(tensor.dtype()));
    }
    if (tensor.shape().dim(0) != examples) {
      throw ServingException.invalid(
          "Expected "
              + name
              + " output batch size of "
              + examples
              + ". Got: "
              + tensor.shape().dim(0));
    }
  }

  private static Tensor checkedValues(Tensor tensor, long examples) {
    Shape shape = tensor.shape();
    if (shape.rank() != 1 && !(shape.rank() == 2 && shape.dim(1) == 1)) {
      throw ServingException.invalid(
          "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got "
              + shape);
    }
    if (shape.dim(0) != examples) {
      throw ServingException.invalid(
          "Input batch size did not match output batch size: " + examples + " vs. " + shape.dim(0));
    }
    if (tensor.dtype() != DType.FLOAT32) {
      throw ServingException.invalid(
          "Expected output Tensor of DT_FLOAT.  Got: " + TensorTypes.name(tensor.dtype()));
    }
    return tensor;
  }

  /** What came out, in tensors whose shapes fit. */
  sealed interface Result {}

  /**
   * Classes.
   *
   * @param labels STRING [n, k], or null
   * @param scores FLOAT32 [n, k], or null; not both are
   */
  record Classified(@Nullable Tensor labels, @Nullable Tensor scores) implements Result {}

  /**
   * Values.
   *
   * @param values FLOAT32 [n] or [n, 1]
   */
  record Regressed(Tensor values) implements Result {}
}
