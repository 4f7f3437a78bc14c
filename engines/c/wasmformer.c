/* wasmformer in C99: runs an exported machine, byte or full, from its folder and a prompt.
 *     cc -O2 wasmformer.c -lm -o w
 *     ./w [--scan] FOLDER PROMPT      --scan: without indexes
 *     ./w [--scan] --protocol         speaks the protocol of engines/README.md
 * FOLDER is made by `wasmformer export FOLDER --sparse`, PROMPT by `wasmformer listing PROGRAM --json`. All numbers are
 * integers that a double holds exactly, so no result depends on the order of a sum. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int in_protocol, scans;
static char complaint[512], *reading = "";
#define fail(...) (snprintf(complaint, sizeof complaint, __VA_ARGS__), stop())
static void stop(void) {
    for (char *c = complaint; *c; c++) if (strchr("\"\\", *c) || *c < ' ') *c = '\'';
    if (in_protocol) printf("{\"type\":\"error\",\"reason\":\"%s\"}\n", complaint);
    fflush(stdout), fprintf(stderr, "error: %s%s%s\n", reading, *reading ? ": " : "", complaint), exit(2);
}
static void *grown(void *old, size_t count, size_t size) {
    if (count >= SIZE_MAX / 2 / size || !(old = realloc(old, (count + 1) * size))) fail("out of memory");
    return old;
}
static void *zeros(size_t count, size_t size) { return memset(grown(NULL, count, size), 0, (count + 1) * size); }
static char *read_from(FILE *file, int end, size_t *length) { /* up to `end`, and a 0; NULL if there is nothing */
    size_t room = *length = 0;
    char *bytes = NULL;
    for (int c; ; bytes[(*length)++] = (char)c) {
        if (*length >= room) bytes = grown(bytes, room = 2 * room + 256, 1);
        if ((c = getc(file)) == EOF && !*length) return NULL;
        if (c == EOF || c == end) return bytes[*length] = 0, bytes;
    }
}
static char *read_file(const char *folder, const char *name, size_t *length) {
    char *path = zeros(strlen(folder) + strlen(name), 1), *bytes;
    reading = strcat(strcpy(path, folder), name);
    FILE *file = fopen(path, "rb");
    if (!file || !(bytes = read_from(file, EOF, length))) fail("cannot be read, or is empty");
    return fclose(file), bytes;
}
/* ---- JSON: a tree in an array. A node is followed by its children; `end` is the index after them ---- */
typedef struct { char kind, *text; double number; size_t size, end; } Json; /* kind: { [ " 0 t f n */
typedef struct { Json *nodes; size_t count, room; char *at; } Tree;
static int next(Tree *t) { return t->at += strspn(t->at, " \t\r\n"), *t->at; }
static int skip(Tree *t, char c) { return next(t) == c && t->at++; }
static void value(Tree *t, int depth) { /* strings are changed in place; escapes other than \" \\ \/ are refused */
    if (t->count == t->room) t->nodes = grown(t->nodes, t->room = 2 * t->room + 64, sizeof(Json));
    size_t own = t->count++, length = 0;
    Json node = {(char)next(t), t->at + 1, 0, 0, 0};
    int good = depth < 64;
    if (node.kind == '"') {
        for (t->at++; good && *t->at != '"'; node.text[length++] = *t->at++)
            good = *t->at && (*t->at != '\\' || (*++t->at && strchr("\"\\/", *t->at)));
        if (good) t->at++, node.text[length] = 0;
    } else if (node.kind == '{' || node.kind == '[') {
        for (t->at++; good && !skip(t, node.kind + 2); node.size++) {
            good = !node.size || skip(t, ',');
            if (node.kind == '{' && good && (good = next(t) == '"')) value(t, depth + 1), good = skip(t, ':');
            if (good) value(t, depth + 1);
        }
    } else if (strspn(t->at, "-0123456789")) node.kind = '0', node.number = strtod(t->at, &t->at);
    else if (!strncmp(t->at, "true", 4) || !strncmp(t->at, "null", 4) || !strncmp(t->at, "false", 5)) t->at += 4 + (*t->at == 'f');
    else good = 0;
    if (!good) fail("is not JSON, or not JSON that this engine reads");
    node.end = t->count, t->nodes[own] = node;
}
static Json *parse(Tree *t, char *text, size_t length) { /* the text must live as long as the tree */
    t->count = 0, t->at = text, value(t, 0), next(t);
    if (t->at != text + length) fail("has more than one JSON value");
    return t->nodes;
}
#define EACH(t, list, item) (Json *item = (list) + 1, *end_ = (t)->nodes + (list)->end; item < end_; item = (t)->nodes + item->end)
static Json *find(Tree *t, Json *object, const char *name) {
    if (object->kind == '{') for EACH(t, object, key) { if (!strcmp(key->text, name)) return key + 1; key++; }
    return NULL;
}
static Json *get(Tree *t, Json *object, const char *name, char kind) {
    Json *found = find(t, object, name);
    if (!found || found->kind != kind) fail("%s is missing, or of another kind", name);
    return found;
}
static size_t natural(Json *node, size_t below, const char *what) {
    if (node->kind != '0' || !(node->number >= 0 && node->number < (double)below) || floor(node->number) != node->number)
        fail("%s is not an integer from 0 to %.0f", what, (double)below - 1);
    return (size_t)node->number;
}
/* ---- sparse matrices, by rows ---- */
typedef struct { size_t rows, *start; uint32_t *column; double *weight; } Matrix;
static double dot(const Matrix *m, size_t row, const double *with) {
    double sum = 0;
    for (size_t i = m->start[row]; i < m->start[row + 1]; i++) sum += m->weight[i] * with[m->column[i]];
    return sum;
}
/* ---- the model ---- */
enum { SUM = -2, HARD_MAX }; /* another kind of head is the number of its external store */
typedef struct { size_t heads, *lead; int *kind; Matrix query, key, value, output, gate, up, down; } Layer;
static Layer *layer;
typedef struct { const unsigned char *at; size_t count, size; char type; } Tensor; /* numbers of `size` bytes: F, I or U */
static Tree config, header;
static const unsigned char *data;
static size_t d, k, f, vocabulary, layers, named, *tokens, data_length; /* tokens: those with logits, and one without */
static Matrix embedding, unembedding;
static Tensor tensor(const char *name, const char *end, const char *types) {
    char whole[96];
    Json *entry = (sprintf(whole, "%s%s", name, end), find(&header, header.nodes, whole));
    if (!entry) return *end ? fail("tensor %s is missing", whole) : (void)0, (Tensor){NULL, 0, 8, 'F'};
    const char *type = get(&header, entry, "dtype", '"')->text;
    Json *place = get(&header, entry, "data_offsets", '[');
    if (strlen(type) != 3 || *type != *types || !strstr(types, type) || place->size != 2) fail("tensor %s is %s", whole, type);
    size_t size = (size_t)atoi(type + 1) / 8, from, to;
    from = natural(place + 1, data_length + 1, whole), to = natural(place + 2, data_length + 1, whole);
    if (to < from || (to - from) % size) fail("tensor %s has no place", whole);
    return (Tensor){data + from, (to - from) / size, size, *type};
}
static double number(Tensor t, size_t i) { /* this machine must be little-endian, as the file is */
    union { double wide; float single; int32_t integer; uint16_t code; } number;
    memcpy(&number, t.at + i * t.size, t.size);
    return t.type == 'I' ? number.integer : t.type == 'U' ? number.code : t.size == 8 ? number.wide : (double)number.single;
}
static Matrix matrix(const char *name, size_t rows, size_t columns) { /* dense: NAME; sparse: NAME.indices, .codes and .values */
    Tensor values = tensor(name, "", "F64F32"), at, codes;
    double last = -1, elements = (double)rows * (double)columns, sparse = !values.at && elements > 0;
    if (sparse) at = tensor(name, ".indices", "I32"), codes = tensor(name, ".codes", "U16"), values = tensor(name, ".values", "F64F32");
    if (sparse ? at.count != codes.count : (double)values.count != elements) fail("tensor %s has another size", name);
    Matrix m = {rows, zeros(rows + 1, sizeof(size_t)), zeros(0, 4), zeros(0, 8)};
    for (size_t i = 0, used = 0, room = 0; i < (sparse ? at.count : values.count); i++) {
        double place = sparse ? number(at, i) : (double)i, code = sparse ? number(codes, i) : (double)i;
        double weight = code < (double)values.count ? number(values, (size_t)code) : NAN;
        if (!isfinite(weight) || place <= last || place >= elements) fail("tensor %s has a bad number, code or index", name);
        if (last = place, weight == 0) continue;
        if (used == room) room = 2 * room + 64, m.column = grown(m.column, room, 4), m.weight = grown(m.weight, room, 8);
        m.column[used] = (uint32_t)((size_t)place % columns), m.weight[used++] = weight, m.start[(size_t)place / columns + 1]++;
    }
    for (size_t row = 0; row < rows; row++) m.start[row + 1] += m.start[row];
    return m;
}
static Matrix of_layer(size_t index, const char *part, size_t rows, size_t columns) {
    char name[64];
    return sprintf(name, "layers.%lu.%s", (unsigned long)index, part), matrix(name, rows, columns);
}
static int equal_rows(const Matrix *m, size_t a, size_t b) {
    size_t i = m->start[a], j = m->start[b], n = m->start[a + 1] - i;
    return n == m->start[b + 1] - j && !memcmp(m->column + i, m->column + j, 4 * n) && !memcmp(m->weight + i, m->weight + j, 8 * n);
}
static void load_layer(Layer *l, Json *kinds, size_t index) {
    size_t h = 0;
    if (kinds->kind != '[' || kinds->size > 1000) fail("the heads of a layer are not a list of at most 1000");
    l->heads = kinds->size, l->kind = zeros(l->heads, sizeof(int)), l->lead = zeros(l->heads, sizeof(size_t));
    for EACH(&config, kinds, kind) {
        const char *text = kind->kind == '"' ? kind->text : "";
        int store = !strncmp(text, "cross:", 6) ? atoi(text + 6) : !strcmp(text, "sum") ? SUM : HARD_MAX;
        if (store > 15 || (store == HARD_MAX && strcmp(text, "hard_max")) || store < SUM) fail("a head is %s", text);
        l->kind[h++] = store;
    }
    l->query = of_layer(index, "attention.query", h * k, d), l->key = of_layer(index, "attention.key", h * k, d);
    l->value = of_layer(index, "attention.value", h * k, d), l->output = of_layer(index, "attention.output", d, h * k);
    l->gate = of_layer(index, "ffn.gate", f, d), l->up = of_layer(index, "ffn.value", f, d), l->down = of_layer(index, "ffn.down", d, f);
    for (h = 0; h < l->heads; h++) /* heads with equal keys share the keys of the first of them */
        for (size_t other = l->lead[h] = h, i = 0; other-- > 0 && l->kind[h] == HARD_MAX; i = 0) {
            while (i < k && l->kind[other] == HARD_MAX && equal_rows(&l->key, h * k + i, other * k + i)) i++;
            if (i == k) l->lead[h] = other;
        }
}
static void load(const char *folder) {
    const char *names[] = {"d_model", "d_head", "d_ffn", "vocab_size"};
    size_t *sides[] = {&d, &k, &f, &vocabulary}, length, head = 0;
    char *text = read_file(folder, "/config.json", &length);
    Json *root = parse(&config, text, length), *attention = get(&config, root, "attention", '[');
    for (int i = 0; i < 4; i++) if (!(*sides[i] = natural(get(&config, root, names[i], '0'), 1 << 17, names[i]))) fail("%s is 0", names[i]);
    if (k != 2) fail("d_head is not 2");
    text = read_file(folder, "/model.safetensors", &length);
    for (int i = 7; i >= 0 && length > 8; i--) head = head << 8 | (unsigned char)text[i];
    if (length <= 8 || head >= length - 8) fail("is not a safetensors file");
    parse(&header, memcpy(zeros(head, 1), text + 8, head), head), data = (unsigned char *)text + 8 + head, data_length = length - 8 - head;
    layer = zeros(attention->size, sizeof(Layer)), layers = 0;
    for EACH(&config, attention, kinds) load_layer(&layer[layers], kinds, layers), layers++;
    embedding = matrix("embedding", vocabulary, d), unembedding = matrix("unembedding", vocabulary, d);
    tokens = zeros(vocabulary, sizeof(size_t));
    for (size_t i = named = 0, without = 0; i < vocabulary; i++)
        if (unembedding.start[i] < unembedding.start[i + 1] || !without++) tokens[named++] = i;
    free(text), reading = "";
}
/* ---- attention: the keys and values of a head. With an index: of each distinct key those of its latest row ---- */
typedef struct { size_t count, room, kept, slots, slot; double *keys, *values; uint64_t *latest; uint32_t *table; int above; } Rows;
static Rows **memory; /* of each head of each layer */
static uint64_t now;  /* rows passed */
static double *x, *heads, *neurons; /* a row's lanes; what a layer's heads and neurons give */
static void project(const Matrix *m, size_t head, double *to) { to[0] = dot(m, 2 * head, x), to[1] = dot(m, 2 * head + 1, x); }
static uint32_t *entry(Rows *r, double a, double b) { /* of the key (a, b) in the table: its slot + 1, or 0 */
    union { double key[2]; uint64_t bits[2]; } as = {{a + 0.0, b + 0.0}}; /* -0 becomes 0 */
    uint64_t hash = (as.bits[0] * 0x9e3779b97f4a7c15u ^ as.bits[1]) * 0xbf58476d1ce4e5b9u;
    for (size_t i = (hash ^ hash >> 32) & (r->slots - 1);; i = (i + 1) & (r->slots - 1))
        if (!r->table[i] || (r->keys[2 * (r->table[i] - 1)] == a && r->keys[2 * (r->table[i] - 1) + 1] == b)) return &r->table[i];
}
static void keep(Layer *l, Rows *rows, size_t h, size_t at) { /* x as a row of head h; at: its place in a store, or the next */
    Rows *own = &rows[h], *r = &rows[l->lead[h]];
    if (own == r) {
        int indexed = !scans && l->kind[h] == HARD_MAX;
        if (indexed && 2 * r->count >= r->slots) {
            free(r->table), r->table = zeros(r->slots = r->slots ? 2 * r->slots : 64, 4);
            for (size_t i = 0; i < r->count; i++) *entry(r, r->keys[2 * i], r->keys[2 * i + 1]) = (uint32_t)i + 1;
        }
        double key[2] = {dot(&l->key, 2 * h, x), dot(&l->key, 2 * h + 1, x)};
        uint32_t *known = indexed ? entry(r, key[0], key[1]) : NULL;
        r->slot = known && *known ? *known - 1 : at < r->count ? at : r->count++;
        if (r->count > r->room) r->keys = grown(r->keys, 2 * (r->room = 2 * r->count + 8), 8), r->latest = grown(r->latest, r->room, 8);
        memcpy(r->keys + 2 * r->slot, key, 16), r->latest[r->slot] = l->kind[h] == HARD_MAX ? now : r->slot;
        if (known) *known = (uint32_t)r->slot + 1;
        r->above |= fabs(key[0]) > 1 << 26 || key[1] > -key[0] * key[0] / 4;
    }
    if (r->count > own->kept) own->values = grown(own->values, 2 * (own->kept = 2 * r->count + 8), 8);
    project(&l->value, h, own->values + 2 * r->slot);
}
/* The row whose key scores highest, of equal scores the latest. A key (2j, -j^2 - p) scores q^2 - (j - q)^2 - p for the
 * query (q, 1): if no key lies above that parabola, and (2q, -q^2) is there, it alone is best. */
static size_t best(Rows *r, const double *query) {
    if (r->slots && !r->above && query[1] == 1 && fabs(query[0]) < 1 << 25) {
        uint32_t slot = *entry(r, 2 * query[0], -query[0] * query[0]);
        if (slot) return slot - 1;
    }
    size_t found = 0;
    double highest = -INFINITY, score;
    for (size_t i = 0; i < r->count; i++)
        if ((score = r->keys[2 * i] * query[0] + r->keys[2 * i + 1] * query[1]) >= highest)
            if (score > highest || r->latest[i] > r->latest[found]) highest = score, found = i;
    return found;
}
/* ---- the forward pass ---- */
static void restart(void) { /* forgets the sequence; what it kept is not given back */
    memory = zeros(layers, sizeof *memory), x = zeros(d, 8), heads = zeros(2000, 8), neurons = zeros(f, 8);
    for (size_t i = now = 0; i < layers; i++) memory[i] = zeros(layer[i].heads, sizeof(Rows));
}
static void embed(size_t token) {
    memset(x, 0, 8 * d);
    for (size_t i = embedding.start[token]; i < embedding.start[token + 1]; i++) x[embedding.column[i]] = embedding.weight[i];
}
static void write_store(size_t store, size_t at) { /* x as a row of an external store */
    for (size_t i = 0, h; i < layers; i++)
        for (h = 0; h < layer[i].heads; h++) if (layer[i].kind[h] == (int)store) keep(&layer[i], memory[i], h, at);
}
static void pass(void) { /* x through all layers, as the next row of the sequence */
    double given[2], gate = now++;
    for (Layer *l = layer; l < layer + layers; l++) {
        Rows *rows = memory[l - layer];
        for (size_t h = 0, found = 0; h < l->heads; h++, found = 0) {
            if (l->kind[h] == HARD_MAX) keep(l, rows, h, SIZE_MAX);
            else if (!rows[h].values) rows[h].values = zeros(2, 8); /* the sum so far, or what an empty store gives */
            project(l->kind[h] == SUM ? &l->value : &l->query, h, given);
            if (l->kind[h] == SUM) rows[h].values[0] += given[0], rows[h].values[1] += given[1];
            else if (rows[l->lead[h]].count) found = best(&rows[l->lead[h]], given);
            memcpy(heads + 2 * h, rows[h].values + 2 * found, 16);
        }
        for (size_t i = 0; i < d; i++) x[i] += dot(&l->output, i, heads);
        for (size_t i = 0; i < f; i++) neurons[i] = (gate = dot(&l->gate, i, x)) > 0 ? gate * dot(&l->up, i, x) : 0;
        for (size_t i = 0; i < d; i++) x[i] += dot(&l->down, i, neurons);
    }
}
static size_t argmax(void) { /* of equal logits the lowest token */
    double highest = -INFINITY, logit;
    size_t token = 0;
    for (size_t i = 0; i < named; i++) if ((logit = dot(&unembedding, tokens[i], x)) > highest) highest = logit, token = tokens[i];
    return token;
}
/* ---- the host of the full machine: appends tokens, and bytes of input where they are asked for ---- */
static size_t first_of(const char *name) { /* the first token of a family */
    for EACH(&config, get(&config, config.nodes, "token_families", '['), family)
        if (!strcmp(get(&config, family, "family", '"')->text, name)) return natural(get(&config, family, "first", '0'), vocabulary, name);
    return fail("there is no family %s", name), 0;
}
static int run_full(Tree *t, Json *prompt) { /* returns the exit status */
    size_t out = first_of("Output"), error = first_of("Error"), leave = first_of("Exit"), byte = first_of("Byte(0)"), token;
    Json *input = get(t, prompt, "input", '['), *given = input + 1, *ends = get(&config, config.nodes, "eos_token_id", '[');
    Json *questions = get(&config, config.nodes, "input_token_id", '['), *system = get(&config, config.nodes, "system_token_id", '[');
    for EACH(t, get(t, prompt, "tokens", '['), row) embed(natural(row, vocabulary, "a token")), pass();
    for (;; embed(token), pass()) {
        if ((token = argmax()) - out < 256) putchar((int)(token - out));
        if (token - error < 256) fputc((int)(token - error), stderr); else if (token - leave < 256) return (int)(token - leave);
        for EACH(&config, system, question) if (question->number == token) fail("the program asks the system, and there is none here");
        for EACH(&config, ends, end) if (end->number == token) return end != ends + 1; /* the first is halt */
        for EACH(&config, questions, question) if (question->number == token) {
            int c = given < t->nodes + input->end ? (int)natural(given++, 256, "a byte of input") : getchar();
            embed(token), pass();
            token = c == EOF ? first_of("Ones(0)") + 255 : byte + c;
        }
    }
}
/* ---- the host of the byte machine: positions, branches, files ---- */
enum { LOOP = 0x03, END_LOOP = 0x0b, BR_IF = 0x0d, OPEN = 0xf0, READ, WRITE, CLOSE, OUTPUT = 0xf8, START = 256, HALT };
static int code[2048][2], iterations[2048], files[4][33], ends[4], cursors[4] = {-1, -1, -1, -1}, fault, pc, previous = -1;
static void at(const char *name, double number) { /* adds to a lane by name */
    size_t i = 0;
    for EACH(&config, get(&config, config.nodes, "lanes", '['), lane) if (i++ < d && !strcmp(lane->text, name)) x[i - 1] += number;
}
static void row(int token, int index) { embed(token), at("one", 1), at("index", index), at("index_squared", (double)index * index); }
static void file_row(int file, int offset) { row(offset < ends[file] ? files[file][offset] : 0, offset), write_store((size_t)file, (size_t)offset); }
static void enter(int to, int exhausted) { /* continues at `to`, past the markers of loops */
    for (pc = to; code[pc][0] == LOOP || code[pc][0] == END_LOOP; pc++) if (code[pc][0] == LOOP) iterations[pc] = 1;
    int op = code[pc][0], cursor = op == READ || op == WRITE ? cursors[code[pc - 1][1]] : 0;
    fault = exhausted || cursor < 0 || (op == WRITE && cursor == 32);
}
static void read_byte_prompt(Tree *t, Json *prompt) {
    int n = -1, file = -1;
    Json *listing = get(t, prompt, "listing", '['), *contents = get(t, prompt, "files", '[');
    if (!listing->size || listing->size > 2047 || contents->size != 4) fail("a prompt has 1 to 2047 instructions, and 4 files");
    for EACH(t, listing, line) {
        if (n++, line->size != 2) fail("instruction %d is not a pair", n);
        for (int i = 0; i < 2; i++) code[n][i] = (int)natural(line + 1 + i, 256, "a byte of an instruction");
        if (code[n][0] >= OPEN && code[n][0] <= CLOSE && (!n || code[n - 1][1] > 3)) fail("instruction %d has no file", n);
    }
    for EACH(t, contents, bytes) {
        if (file++, bytes->size > 32) fail("a file has more than 32 bytes");
        for EACH(t, bytes, byte) files[file][ends[file]++] = (int)natural(byte, 256, "a byte of a file");
    }
    for (int i = 0; i < 4 * 33; i++) file_row(i / 33, i % 33);
    row(START, -1), at("is_opcode", 1), at("is_operand", 1);
    for (int i = 0; i < 2 * n + 2; i++) {
        at("pc", -1), at("previous_pc", -1), pass();
        row(code[i / 2][i % 2], i / 2), at(i % 2 ? "is_operand" : "is_opcode", 1);
    }
}
static int run_byte(Tree *t, Json *prompt) { /* returns the exit status */
    const char *offsets[] = {"offset_0", "offset_1", "offset_2", "offset_3"};
    read_byte_prompt(t, prompt), enter(0, 0);
    for (int to, exhausted;; previous = pc, enter(to, exhausted)) {
        at("pc", pc), at("previous_pc", previous), at("fault", fault);
        for (int i = 0; i < 4; i++) at(offsets[i], cursors[i] < 0 ? 32 : cursors[i]);
        pass();
        int token = (int)argmax(), op = code[pc][0], file = pc ? code[pc - 1][1] & 3 : 0, *cursor = &cursors[file], loop = pc;
        if (to = pc + 1, exhausted = 0, token >= 256 || fault || pc > 2045) return fault || token != HALT;
        if (op == OUTPUT) printf("%d\n", token);
        if (op == BR_IF && token) { /* back to the loop that it names, over those that end before it */
            for (int out = code[pc][1] + 1; out && loop-- > 0; ) out += (code[loop][0] == END_LOOP) - (code[loop][0] == LOOP);
            if (loop < 0) fail("instruction %d has no loop", pc);
            to = loop + 1, exhausted = ++iterations[loop] > 256;
        }
        if (op == OPEN || op == CLOSE) *cursor = op == OPEN ? 0 : -1;
        if (op == WRITE) files[file][*cursor] = token, ends[file] += *cursor == ends[file], file_row(file, *cursor);
        if (op == READ || op == WRITE) *cursor += *cursor < ends[file];
        embed((size_t)token), at("one", 1);
    }
}
/* ---- the protocol ---- */
static uint32_t mixed(uint32_t h) { return h ^= h >> 16, h *= 0x85ebca6bu, h ^= h >> 13, h *= 0xc2b2ae35u, h ^ h >> 16; }
static void answer(size_t logits, size_t digest) {
    uint32_t sums[2] = {0, 0}, words[2];
    printf("{\"type\":\"token\",\"token\":%lu%s", (unsigned long)argmax(), logits ? ",\"logits\":[" : "");
    for (size_t i = 0; i < vocabulary && (logits || digest); i++) {
        double logit = dot(&unembedding, i, x);
        if (logits) printf("%s%.17g%s", i ? "," : "", logit, i + 1 < vocabulary ? "" : "]");
        memcpy(words, &logit, 8);
        for (uint32_t j = 0, place = 2 * (uint32_t)i + 1; j < 2; j++, place++)
            sums[0] += mixed(words[j] ^ place * 0x9e3779b9u), sums[1] += mixed(words[j] ^ place * 0x7feb352du);
    }
    if (digest) printf(",\"digest\":[%lu,%lu]", (unsigned long)sums[0], (unsigned long)sums[1]);
    puts("}");
}
static void embed_row(Tree *t, Json *wire) {
    embed(natural(get(t, wire, "token", '0'), vocabulary, "a token"));
    for EACH(t, get(t, wire, "positional", '['), pair) {
        if (pair->size != 2 || pair[2].kind != '0') fail("a position is not a lane and a number");
        x[natural(pair + 1, d, "a lane")] += pair[2].number;
    }
}
static int protocol(void) {
    Tree t = {NULL, 0, 0, NULL};
    size_t length, logits = 0, digest = 0;
    printf("{\"type\":\"hello\",\"protocol\":1,\"engine\":\"%s\",\"logits\":true,\"digest\":true}\n", scans ? "c-scan" : "c");
    for (char *line; fflush(stdout), (line = read_from(stdin, '\n', &length)); free(line)) {
        Json *message = parse(&t, line, length);
        const char *type = get(&t, message, "type", '"')->text;
        if (!strcmp(type, "load")) load(get(&t, message, "folder", '"')->text), puts("{\"type\":\"loaded\"}");
        if (!strcmp(type, "load") || !strcmp(type, "end")) continue;
        if (!layers) fail("no model is loaded");
        if (!strcmp(type, "begin")) {
            restart(), logits = digest = 0;
            for EACH(&t, get(&t, message, "want", '['), want)
                if (want->kind == '"') logits |= !strcmp(want->text, "logits"), digest |= !strcmp(want->text, "digest");
        } else if (!x) fail("no sequence is begun");
        for EACH(&t, get(&t, message, "stores", '['), store)
            embed_row(&t, store), write_store(natural(get(&t, store, "store", '0'), 16, "store"), natural(get(&t, store, "index", '0'), 1 << 30, "index"));
        for EACH(&t, get(&t, message, "rows", '['), wire) embed_row(&t, wire), pass();
        answer(logits, digest);
    }
    return 0;
}
int main(int count, char **words) {
    int i = count > 1 && !strcmp(words[1], "--scan") ? scans = 2 : 1;
    if (i + 1 == count && !strcmp(words[i], "--protocol")) return in_protocol = 1, protocol();
    if (i + 2 != count || *words[i] == '-') fail("usage: w [--scan] FOLDER PROMPT, or w [--scan] --protocol");
    Tree t = {NULL, 0, 0, NULL};
    size_t length;
    char *text = (load(words[i]), restart(), read_file(words[i + 1], "", &length));
    Json *prompt = parse(&t, text, length);
    clock_t start = clock();
    int status = strcmp(get(&config, config.nodes, "machine", '"')->text, "full") ? run_byte(&t, prompt) : run_full(&t, prompt);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    return fprintf(stderr, "%lu tokens in %.3f s: %.0f a second\n", (unsigned long)now, seconds, (double)now / (seconds + 1e-9)), status;
}
