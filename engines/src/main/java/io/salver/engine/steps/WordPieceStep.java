package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@link StepSpec.WordPieces}. */
final class WordPieceStep implements Step {
  private static final int MAX_TOKENS = 1 << 16;
  private static final int SPECIAL_TOKENS = 2;

  /** What one of the model's inputs is filled with. */
  private enum Content {
    IDS,
    MASK,
    TYPES
  }

  private record Target(TensorSpec tensor, Content content) {}

  /** Finds an input of the model. */
  interface ModelInputs {
    TensorSpec find(String name) throws ModelLoadException;
  }

  private final Signature signature;
  private final List<Target> targets;
  private final WordPieces pieces;
  private final int maxTokens;
  private final boolean padded;
  private final int first;
  private final int last;
  private final int padding;

  private WordPieceStep(
      StepSpec.WordPieces spec, List<Target> targets, Map<String, Integer> vocabulary)
      throws ModelLoadException {
    this.targets = targets;
    this.pieces = new WordPieces(vocabulary, spec.lowerCase(), special(spec, vocabulary, "[UNK]"));
    this.first = special(spec, vocabulary, "[CLS]");
    this.last = special(spec, vocabulary, "[SEP]");
    this.padding = special(spec, vocabulary, "[PAD]");
    Shape shape = targets.getFirst().tensor().shape();
    long declared = shape.rank() == 2 ? shape.dim(1) : -1;
    this.padded = declared > 0;
    this.maxTokens = padded ? (int) Math.min(declared, spec.maxTokens()) : spec.maxTokens();
    if (spec.maxTokens() < SPECIAL_TOKENS
        || spec.maxTokens() > MAX_TOKENS
        || padded && declared > MAX_TOKENS) {
      throw new ModelLoadException(
          "max_tokens: %d, and \"%s\" is %s (expected: %d to %d)"
              .formatted(spec.maxTokens(), spec.ids(), shape, SPECIAL_TOKENS, MAX_TOKENS));
    }
    long rows = shape.rank() == 0 ? -1 : shape.dim(0);
    this.signature =
        new Signature(
            spec.kind(),
            "",
            List.of(TensorSpec.of(spec.input(), DType.STRING, Shape.of(rows))),
            targets.stream().map(Target::tensor).toList());
  }

  static WordPieceStep create(StepSpec.WordPieces spec, ModelFiles files, ModelInputs model)
      throws ModelLoadException {
    List<Target> targets = new ArrayList<>();
    targets.add(target(spec.ids(), Content.IDS, model));
    if (spec.mask().isPresent()) {
      targets.add(target(spec.mask().get(), Content.MASK, model));
    }
    if (spec.types().isPresent()) {
      targets.add(target(spec.types().get(), Content.TYPES, model));
    }
    Map<String, Integer> vocabulary = new HashMap<>();
    List<byte[]> lines = LabelFile.read(files, spec.vocabulary());
    for (int i = 0; i < lines.size(); i++) {
      vocabulary.putIfAbsent(new String(lines.get(i), StandardCharsets.UTF_8), i);
    }
    return new WordPieceStep(spec, targets, vocabulary);
  }

  private static Target target(String name, Content content, ModelInputs model)
      throws ModelLoadException {
    TensorSpec tensor = model.find(name);
    boolean integers = tensor.dtype() == DType.INT64 || tensor.dtype() == DType.INT32;
    if (!integers || tensor.shape().isRankKnown() && tensor.shape().rank() != 2) {
      throw new ModelLoadException(
          "tensor: \"%s\" is %s%s (expected: INT64 or INT32 [n,tokens])"
              .formatted(name, tensor.dtype(), tensor.shape()));
    }
    return new Target(tensor, content);
  }

  private static int special(
      StepSpec.WordPieces spec, Map<String, Integer> vocabulary, String token)
      throws ModelLoadException {
    Integer number = vocabulary.get(token);
    if (number == null) {
      throw new ModelLoadException(
          "vocabulary: \"" + spec.vocabulary() + "\" lacks " + token + " (expected: a line of it)");
    }
    return number;
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public void run(Batch batch) {
    Tensor texts = Inputs.required(batch, 0);
    List<List<Integer>> rows = new ArrayList<>();
    int longest = SPECIAL_TOKENS;
    for (long i = 0; i < texts.elementCount(); i++) {
      List<Integer> row = pieces.split(texts.getUtf8(i), maxTokens - SPECIAL_TOKENS);
      longest = Math.max(longest, row.size() + SPECIAL_TOKENS);
      rows.add(row);
    }
    long declared = padded ? targets.getFirst().tensor().shape().dim(1) : longest;
    for (int t = 0; t < targets.size(); t++) {
      if (batch.wants(t)) {
        batch.setOutput(t, filled(batch, targets.get(t), rows, declared));
      }
    }
  }

  private Tensor filled(Batch batch, Target target, List<List<Integer>> rows, long length) {
    DType dtype = target.tensor().dtype();
    Tensor tensor = batch.arena().allocate(dtype, Shape.of(rows.size(), length));
    for (int row = 0; row < rows.size(); row++) {
      for (int i = 0; i < length; i++) {
        int value = value(target.content(), rows.get(row), i);
        long at = row * length + i;
        if (dtype == DType.INT64) {
          tensor.data().set(ValueLayout.JAVA_LONG_UNALIGNED, at * Long.BYTES, value);
        } else {
          tensor.data().set(ValueLayout.JAVA_INT_UNALIGNED, at * Integer.BYTES, value);
        }
      }
    }
    return tensor;
  }

  private int value(Content content, List<Integer> row, int i) {
    int end = row.size() + 1;
    return switch (content) {
      case IDS -> i == 0 ? first : i < end ? row.get(i - 1) : i == end ? last : padding;
      case MASK -> i <= end ? 1 : 0;
      case TYPES -> 0;
    };
  }
}
