#include "bitnet/synthetic/word_list.h"

namespace bitnet {
namespace {

constexpr std::string_view kWords =
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which "
    "one you were all her she there would their we him been has when who will no more if out so up said what its about "
    "than into them can only other time new some could these two may first then do any like my now over such our man "
    "me even most made after also did many off before must well back through years much where your way down should "
    "because long each just state those people too mr how little good world make very year still see own work men day "
    "get here old life both between being under three never know same last another while us might great go come since "
    "against right came take used himself few house american use place during high without again home around small "
    "however found mrs part school thought went say general once upon war every left number course "
    "until always away something fact water though public less put think almost hand enough far took head yet system "
    "set better told nothing night end why called eyes find going look asked later point knew next program city "
    "business give group toward days young let room side social given present several order national possible rather "
    "second face per among form often things early white large case john become need big four within felt "
    "children along saw best church ever least power seemed light thing family interest want members others "
    "area mind help country until turned done open god service kind began problem sense matter certain door "
    "line name example law human local history car study job word question play government run small company move live "
    "believe hold bring happen write provide sit stand lose pay meet include continue learn change lead understand "
    "watch follow stop create speak read allow add spend grow walk win offer remember love consider appear buy wait "
    "serve die send expect build stay fall cut reach kill remain suggest raise pass sell require report decide pull "
    "return explain hope develop carry break receive agree support hit produce eat cover catch draw choose cause "
    "listen close force fire act drive start test check paper book story idea month week money morning table level "
    "result reason research girl boy woman moment air teacher education foot age policy process music market body "
    "parent office health person art party voice king street north south east west land sea river town village field "
    "ground tree animal horse bird fish dog cat stone wood iron gold silver glass green black blue red brown color "
    "sound picture letter page answer figure list nature science energy heat cold summer winter spring rain snow wind "
    "sun moon star earth ship train road bridge wall window floor roof garden bread milk meat fruit sugar salt oil "
    "friend mother father brother sister wife husband son daughter child baby doctor lawyer judge police soldier army "
    "captain president minister leader member team player game goal ball race speed force weight length height depth "
    "size shape circle square corner edge middle center bottom top inside outside near behind above below across "
    "beyond "
    "half third fourth fifth hundred thousand million minute hour second century future past ready simple hard soft "
    "strong weak heavy clear dark bright quick slow easy difficult different similar important special common usual "
    "whole full empty true false real free single double late soon perhaps already quite really certainly actually "
    "probably simply finally especially exactly nearly suddenly clearly "
    "int return const void include string static class public private std auto self def import from namespace struct "
    "bool char float double long unsigned size vector template typename virtual override null true false new delete "
    "function var let async await export default else elif while switch case break continue try except catch throw "
    "finally with lambda yield assert raise print format input output file path buffer data value key index count "
    "length array list map set type node tree graph queue stack hash table table memory pointer thread lock mutex "
    "kernel model layer tensor matrix token tokenizer prompt weight scale shape batch cache attention query embedding "
    "norm block head step loss train epoch config option flag error status code message request response server client "
    "socket port host http https url json html css script style div span button image link text user group admin "
    "password login account email database table column row record field select insert update where order limit join "
    "test build compile link debug release version branch merge commit push pull clone source target library "
    "package module object method property event handler listener callback promise stream reader writer parser lexer "
    "compiler linker loader runtime stdin stdout stderr argv argc main init start stop run exec exit open close read "
    "write seek copy move swap sort search find filter reduce apply append insert remove erase clear reset resize "
    "reserve push pop front back begin end next prev first last min max sum mean abs sqrt exp log sin cos tan pow "
    "floor ceil round random seed sample time clock date local global temp name info warn trace level context state "
    "window screen mouse keyboard device driver signal process system network protocol address packet frame byte bit "
    "word line column offset width height depth left right top bottom color red green blue alpha pixel vertex mesh "
    "computer software hardware machine language program engine design method theory physics chemistry biology "
    "mathematics algebra geometry number equation formula proof theorem logic set group ring vector space distance "
    "angle point curve surface volume mass charge current voltage circuit wave particle atom molecule cell gene "
    "protein "
    "virus disease medicine patient hospital treatment drug blood heart brain bone skin muscle nerve "
    "economy finance bank credit debt trade price cost value stock share profit loss tax budget income market industry "
    "factory worker union labor contract supply demand product customer brand store shop "
    "culture religion church temple prayer spirit soul heaven faith bible christian muslim jewish buddhist "
    "france germany england london paris europe america africa asia china japan india russia york washington "
    "california "
    "texas canada mexico brazil italy spain rome greece egypt israel australia "
    "january february march april june july august september october november december monday tuesday wednesday "
    "thursday "
    "friday saturday sunday";

// Many are made of others before them ("ing", "ings"): words in them can be merged in several ways, which gives the
// vocabulary its more than two merges a token.
constexpr std::string_view kEndings =
    "s ed ing ings er ers ly al ally able ably ness less lessly lessness ful fully fulness ment ments mental mentally "
    "ion ions ional ionally ation ations ational ationally ity ities ism isms ist ists istic ish ishly ishness ive "
    "ively iveness ous ously "
    "ousness en ens ened ening ize ized izes izing izer izers ization izations ability edly like y est wise ward wards "
    "ship ships hood dom work works worker workers working man men land lands line lines time times timer timing side "
    "sides way ways book books room rooms house houses light lights lighting hand hands handed head heads back up down "
    "out over off in on made maker making based Name Names Type Types Size Sizes List Lists Map Maps Set Sets Index "
    "Count Counter Data Value Values Key Keys File Files Path Paths Node Nodes Id Ids Info State States Error Errors "
    "Test Tests View Views Model Models Config Handler Handlers Factory Builder Manager Service Services Controller "
    "Request Response Buffer Stream Reader Writer Parser Text Image Event Events Context Option Options Result Results";

constexpr std::string_view kSymbols[] = {
    "  ",       "    ",     "\n\n",   "        ", "\n",           ", ",
    "\n\n\n",   "\t\t",     "()",     " =",       "the",          "'s",
    "//",       " ==",      "::",     "->",       "();",          ");",
    " {",       " (",       " \"",    "\",",      "\")",          "\";",
    "])",       ");\n",     " !=",    "++",       " +",           " -",
    " *",       " &",       " &&",    " ||",      " <",           " >",
    " <=",      " >=",      "=>",     " =>",      "</",           "/>",
    "...",      "--",       " --",    " //",      " ///",         "/*",
    "*/",       " /*",      " */",    "{\n",      "}\n",          ";\n",
    ",\n",      "();\n",    "'t",     "'re",      "'ll",          "'ve",
    "'m",       "'d",       " '",     "',",       "')",           "']",
    "[\"",      "\"]",      "{}",     "[]",       " []",          " {}",
    "())",      "));",      " +=",    " -=",      "++)",          "(&",
    "(*",       "*)",       "(\"",    "('",       "->",           "::",
    " ::",      " $",       "${",     "%s",       "%d",           "\\n",
    "\\\"",     "==",       "!=",     "&&",       "||",           "<=",
    ">=",       "<<",       ">>",     " <<",      " >>",          "##",
    "###",      " ##",      "```",    "---",      "----",         "====",
    "********", "    ",     "\t\t\t", "\t\t\t\t", "            ", "                ",
    "\r\n",     "\r\n\r\n", " ...",   " #",       " @",           "@",
    "__",       " __",      "?\n",    "!\n",      ".\n",          ".\n\n",
    ":\n",      "://",      "\":",    "\": ",     ":\"",          "<?",
    "?>",       "?php",     "#!/",
};

}  // namespace

std::string_view SyntheticWords() { return kWords; }
std::string_view SyntheticEndings() { return kEndings; }
std::span<const std::string_view> SyntheticSymbols() { return kSymbols; }

}  // namespace bitnet
