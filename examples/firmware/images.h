/* One image per digit that training did not see, from ../digits/held_back.h.
 * Data: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits,
 * UCI Machine Learning Repository, CC BY 4.0. */
#ifndef IMAGES_H
#define IMAGES_H

/* 8 rows of 8 pixels, 'a' to 'q'. */
static const char *const kImages[10] = {
    "aaeqqeaaaakpmoaaaclaajgaafgaaefaaejaaheaaekacoaaaaopqiaaaaenkaaa",
    "aaaalpbaaaagqqcaadnqqqaaajqmqoaaabdaqnaaaaaaonaaaaaamqfaaaaaiqha",
    "aalqqhaaacqklpaaaapeeqdaaaddfqbaaaaajnaaaaabqhaaaacmpgebaakqqqqk",
    "aaiplbaaaakekgaaaaabngaaaaapqcaaaaaeipbaabbaajhaaenfdkiaaahoqpca",
    "aaabpdaaaaainajhaacpeapfacnolkpaalpnqqkaaaaadqfaaaaajoaaaaacqgaa",
    "aamqqpdaaeqqgcbaaoqeaaaaajqqfaaaaahpiaaaaaamlaaaaafqhaaaaaopaaaa",
    "aaalnfaaaadqndaaaakqcaaaaeqqnhaaaeqliqcaaapiapgaaajoepeaaabkqlba",
    "aablqqhaaahniqfaaaabbqeaaachnqpaabpqqmdaabieqcaaaaajlaaaaaboeaaa",
    "aaoqiaaaaaqeniiaaamhmofaaaepqfaaaaaooaaaaaiklcaaaanamdaaaaopmbaa",
    "abinpfaaaiohqoaaakmbkqcaacmopqeaaaaeepiaaaaaajjaaajhbkmaaagnqpga",
};

#endif
